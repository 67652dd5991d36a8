import { fail, ok, type Result } from '../errors/result.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether both arrays hold the same bytes. Not constant time: nothing secret is compared here. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** One new array with the bytes of all parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Bytewise lexicographic order, a prefix before its extensions: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as everywhere on the web. */
export function utf8(text: string): Uint8Array {
  return bytesOfShortAscii(text) ?? encoder.encode(text);
}

/** The text of UTF-8 bytes, a byte order mark kept; `E_UTF8` when they are not valid UTF-8. */
export function fromUtf8(bytes: Uint8Array): Result<string> {
  const short = shortAscii(bytes);
  if (short !== undefined) return ok(short);
  try {
    return ok(decoder.decode(bytes));
  } catch (cause) {
    return fail('E_UTF8', {}, cause);
  }
}

/** Longest texts that are read and written by hand: map keys and names, for which a call of the platform's coder costs most. */
const SHORT_TEXT = 24;
const SHORT_WRITTEN_TEXT = 64;

function bytesOfShortAscii(text: string): Uint8Array | undefined {
  if (text.length > SHORT_WRITTEN_TEXT) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT_TEXT) return undefined;
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** 4 bytes, big-endian. Throws `RangeError` unless `n` is an integer in 0 … 2^32 - 1. */
export function u32be(n: number): Uint8Array {
  if (!Number.isInteger(n) || n < 0 || n > 0xffff_ffff) throw new RangeError(`Not a 32-bit integer: ${n}`);
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n);
  return bytes;
}

/** 8 bytes, big-endian. Throws `RangeError` unless `n` is an integer in 0 … 2^53 - 1. */
export function u64be(n: number): Uint8Array {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`Not a safe unsigned integer: ${n}`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
  return bytes;
}
