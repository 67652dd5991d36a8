import { chacha20 as noble } from '@noble/ciphers/chacha.js';

/**
 * ChaCha20 (RFC 8439 §2.4): `data` combined with the key stream of a 32-byte key and a 12-byte nonce, block
 * counter starting at 0. The same call encrypts and decrypts; the result is a new array.
 */
export function chacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  return noble(key, nonce, data);
}
