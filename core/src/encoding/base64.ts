import { fail, ok, type Result } from '../errors/result.ts';
import { BitAlphabet } from './bit-alphabet.ts';

const alphabet = new BitAlphabet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** RFC 4648 §4 base64: standard alphabet, padded with `=`. */
export function toBase64(bytes: Uint8Array): string {
  const symbols = alphabet.encode(bytes);
  return symbols + padding(symbols.length);
}

/** The bytes of base64; `E_BASE64` for anything that `toBase64` would not have written. */
export function fromBase64(text: string): Result<Uint8Array> {
  const symbols = text.replace(/={1,2}$/, '');
  const bytes = alphabet.decode(symbols);
  if (bytes === undefined || symbols + padding(symbols.length) !== text) return fail('E_BASE64');
  return ok(bytes);
}

function padding(symbolCount: number): string {
  return '='.repeat((4 - (symbolCount % 4)) % 4);
}
