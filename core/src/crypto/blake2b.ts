import { blake2b } from '@noble/hashes/blake2.js';

/** BLAKE2b (RFC 7693) with a 32-byte digest, keyed when a key of 1 … 64 bytes is given. */
export function blake2b256(data: Uint8Array, key?: Uint8Array): Uint8Array {
  return blake2b(data, key === undefined ? { dkLen: 32 } : { dkLen: 32, key });
}
