import { fail, ok, type Result } from '../errors/result.ts';

const byteToHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal, two digits per byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byteToHex[byte];
  return text;
}

/** The bytes of lower-case hexadecimal; `E_HEX` for anything that `toHex` would not have written. */
export function fromHex(text: string): Result<Uint8Array> {
  if (text.length % 2 !== 0) return fail('E_HEX');
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const high = digit(text.charCodeAt(2 * i));
    const low = digit(text.charCodeAt(2 * i + 1));
    if (high === undefined || low === undefined) return fail('E_HEX');
    bytes[i] = high * 16 + low;
  }
  return ok(bytes);
}

function digit(code: number): number | undefined {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x61 + 10;
  return undefined;
}
