import { fail, ok, type Result } from '../errors/result.ts';
import { BitAlphabet } from './bit-alphabet.ts';

const alphabet = new BitAlphabet('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');

/** RFC 4648 §6 base32: upper case, no padding. */
export function toBase32(bytes: Uint8Array): string {
  return alphabet.encode(bytes);
}

/** The bytes of base32; `E_BASE32` for anything that `toBase32` would not have written. */
export function fromBase32(text: string): Result<Uint8Array> {
  const bytes = alphabet.decode(text);
  return bytes === undefined ? fail('E_BASE32') : ok(bytes);
}
