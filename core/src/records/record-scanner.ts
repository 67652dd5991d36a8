import { utf8 } from '../encoding/bytes.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Thrown by a scanner that met anything but what it knows; says nothing about whether the bytes are right. */
export const UNUSUAL: unique symbol = Symbol('unusual');

/** The canonical CBOR head of a text and the text: a map key, or a value that is always the same. */
export function fixedText(text: string): number[] {
  const bytes = utf8(text);
  if (bytes.length > 23) throw new RangeError('Only short texts have a head of one byte');
  return [0x60 | bytes.length, ...bytes];
}

/**
 * Reads canonical CBOR of a known form from left to right and makes no more of it than asked for. Every method throws
 * `UNUSUAL` where the bytes are not of that form.
 */
export class RecordScanner {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Exactly these bytes come next. */
  expect(fixed: Uint8Array): void {
    if (!this.skipIf(fixed)) throw UNUSUAL;
  }

  /** Goes past these bytes if they come next. */
  skipIf(fixed: Uint8Array): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < fixed.length; i++) if (bytes[at + i] !== fixed[i]) return false;
    this.at = at + fixed.length;
    return true;
  }

  /** The argument of a head of this major type (in the high three bits), in its shortest form and a safe integer. */
  head(majorType: number): number {
    const first = this.#byte();
    if ((first & 0xe0) !== majorType) throw UNUSUAL;
    const short = first & 0x1f;
    if (short < 24) return short;
    if (short > 27) throw UNUSUAL;
    const width = 2 ** (short - 24);
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + this.#byte();
    const smallest = width === 1 ? 24 : 256 ** (width / 2);
    if (value < smallest || value > Number.MAX_SAFE_INTEGER) throw UNUSUAL;
    return value;
  }

  /** An unsigned integer of at least `min`. */
  uint(min: number, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.head(0x00);
    if (value < min || value > max) throw UNUSUAL;
    return value;
  }

  /** A byte string of `min` to `max` bytes; a view of the input. */
  byteString(min: number, max: number): Uint8Array {
    const length = this.head(0x40);
    if (length < min || length > max) throw UNUSUAL;
    return this.#take(length);
  }

  /** A text of at most `max` bytes, of ASCII alone; a view of the input. */
  ascii(max: number): Uint8Array {
    const length = this.head(0x60);
    if (length > max) throw UNUSUAL;
    const text = this.#take(length);
    for (let i = 0; i < length; i++) if ((text[i] ?? 0x80) >= 0x80) throw UNUSUAL;
    return text;
  }

  /** Goes past a text of UTF-8. */
  skipText(): void {
    const length = this.head(0x60);
    const start = this.at;
    const end = start + length;
    if (end > this.bytes.length) throw UNUSUAL;
    const { bytes } = this;
    let all = 0;
    for (let i = start; i < end; i++) all |= bytes[i] ?? 0;
    if (all >= 0x80) decodeUtf8(bytes.subarray(start, end));
    this.at = end;
  }

  /** The text of bytes that `ascii` gave. */
  textOf(ascii: Uint8Array): string {
    return decoder.decode(ascii);
  }

  /** The input ends here. */
  end(): void {
    if (this.at !== this.bytes.length) throw UNUSUAL;
  }

  #byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw UNUSUAL;
    this.at += 1;
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw UNUSUAL;
    const view = this.bytes.subarray(this.at, end);
    this.at = end;
    return view;
  }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw UNUSUAL;
  }
}
