const SIGNATURE_BYTES = 64;

/**
 * A stand-in for a signature: a checksum of key and message, spread over 64 bytes. Anyone could make it, and nobody in a
 * simulation does for another; it costs a hundredth of a SHA-512.
 */
export function fakeSignature(key: Uint8Array, message: Uint8Array): Uint8Array {
  let first = 0x811c9dc5;
  let second = 0x01000193;
  for (const byte of key) first = Math.imul(first ^ byte, 0x01000193);
  for (const byte of message) {
    first = Math.imul(first ^ byte, 0x01000193);
    second = Math.imul(second + byte, 0x85ebca6b) ^ first;
  }
  const signature = new Uint8Array(SIGNATURE_BYTES);
  const words = new DataView(signature.buffer);
  words.setUint32(0, first >>> 0);
  words.setUint32(4, second >>> 0);
  return signature;
}

/** Whether `fakeSignature` gives this. */
export function isFakeSignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const expected = fakeSignature(key, message);
  for (let at = 0; at < SIGNATURE_BYTES; at++) if (expected[at] !== signature[at]) return false;
  return signature.length === SIGNATURE_BYTES;
}
