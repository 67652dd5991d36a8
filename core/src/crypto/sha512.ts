import { sha512 as noble } from '@noble/hashes/sha2.js';

/** SHA-512 (FIPS 180-4) of the parts, one after the other: 64 bytes. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = noble.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}
