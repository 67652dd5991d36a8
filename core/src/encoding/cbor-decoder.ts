import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { compareBytes, fromUtf8 } from './bytes.ts';
import type { CborLimits, CborMap, CborValue } from './cbor.ts';
import { HeadWidth, INDEFINITE, MajorType, SimpleValue } from './cbor-format.ts';

/** The first bytes of an item: what it is, and its value, length or count. */
interface Head {
  readonly majorType: number;
  readonly argument: number;
  readonly offset: number;
}

/**
 * The working part of `decodeCbor`: one pass over the input, every length checked before anything of that
 * length is made. Its methods throw `AssayError`; only `decodeCbor`, which turns that into a result, uses it.
 */
export class CborDecoder {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #limits: Required<CborLimits>;
  #offset = 0;
  #items = 0;

  constructor(bytes: Uint8Array, limits: Required<CborLimits>) {
    // A plain view even of a Node Buffer, whose slice() would share memory with the input.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#limits = limits;
  }

  /** The one item that fills the input. */
  decode(): CborValue {
    const size = this.#bytes.length;
    if (size > this.#limits.maxBytes) {
      throw new AssayError('E_CBOR_TOO_LARGE', { size, limit: this.#limits.maxBytes });
    }
    const item = this.#item(0);
    if (this.#remaining > 0) throw new AssayError('E_CBOR_TRAILING', { count: this.#remaining });
    return item;
  }

  get #remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  #item(depth: number): CborValue {
    const head = this.#head();
    switch (head.majorType) {
      case MajorType.unsigned:
        return head.argument;
      case MajorType.negative:
        return this.#negative(head);
      case MajorType.bytes:
        return this.#take(head.argument).slice();
      case MajorType.text:
        return this.#text(head);
      case MajorType.array:
        return this.#array(head, depth + 1);
      case MajorType.map:
        return this.#map(head, depth + 1);
      default:
        return this.#simple(head);
    }
  }

  #head(): Head {
    const offset = this.#offset;
    this.#items++;
    if (this.#items > this.#limits.maxItems) {
      throw new AssayError('E_CBOR_ITEMS', { limit: this.#limits.maxItems });
    }
    this.#need(1);
    const first = this.#view.getUint8(offset);
    this.#offset++;
    const majorType = first >> 5;
    if (majorType === MajorType.tag) throw unsupported(offset, 'a tag');
    const short = first & 0x1f;
    if (short === INDEFINITE) throw unsupported(offset, 'an indefinite length');
    if (majorType === MajorType.simple || short < HeadWidth.one)
      return { majorType, argument: short, offset };
    return { majorType, argument: this.#argument(short, offset), offset };
  }

  /** Reads the 1, 2, 4 or 8 bytes of an argument and refuses it when a shorter form would hold it. */
  #argument(width: number, offset: number): number {
    if (width === HeadWidth.one) return this.#shortest(this.#integer(1), HeadWidth.one, offset);
    if (width === HeadWidth.two) return this.#shortest(this.#integer(2), 0x100, offset);
    if (width === HeadWidth.four) return this.#shortest(this.#integer(4), 0x1_0000, offset);
    if (width === HeadWidth.eight) return this.#shortest(this.#integer(8), 0x1_0000_0000, offset);
    throw unsupported(offset, 'a reserved length');
  }

  #integer(width: 1 | 2 | 4 | 8): number {
    this.#need(width);
    const at = this.#offset;
    this.#offset += width;
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at);
    if (width === 4) return this.#view.getUint32(at);
    return this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }

  #shortest(value: number, smallest: number, offset: number): number {
    if (value < smallest) throw new AssayError('E_CBOR_NOT_CANONICAL', { offset });
    if (!Number.isSafeInteger(value)) throw new AssayError('E_INTEGER_RANGE', { offset });
    return value;
  }

  #negative({ argument, offset }: Head): number {
    if (argument === Number.MAX_SAFE_INTEGER) throw new AssayError('E_INTEGER_RANGE', { offset });
    return -1 - argument;
  }

  #text({ argument }: Head): string {
    return unwrap(fromUtf8(this.#take(argument)));
  }

  #array({ argument: count, offset }: Head, depth: number): CborValue[] {
    this.#enter(depth, offset);
    this.#need(count);
    const items: CborValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.#item(depth));
    return items;
  }

  #map({ argument: count, offset }: Head, depth: number): CborMap {
    this.#enter(depth, offset);
    this.#need(2 * count);
    const map: Record<string, CborValue> = Object.create(null);
    let previous: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const keyOffset = this.#offset;
      const key = this.#key();
      const encoded = this.#bytes.subarray(keyOffset, this.#offset);
      if (previous !== undefined) checkOrder(previous, encoded, keyOffset);
      previous = encoded;
      map[key] = this.#item(depth);
    }
    return map;
  }

  #key(): string {
    const head = this.#head();
    if (head.majorType !== MajorType.text) throw unsupported(head.offset, 'a map key that is not text');
    return this.#text(head);
  }

  #simple({ argument, offset }: Head): CborValue {
    if (argument === SimpleValue.false) return false;
    if (argument === SimpleValue.true) return true;
    if (argument === SimpleValue.null) return null;
    throw unsupported(offset, 'a float or an unassigned simple value');
  }

  #enter(depth: number, offset: number): void {
    if (depth > this.#limits.maxDepth) {
      throw new AssayError('E_CBOR_DEPTH', { limit: this.#limits.maxDepth, offset });
    }
  }

  /** Throws unless `count` more bytes are there. Every item takes at least one, so this bounds counts too. */
  #need(count: number): void {
    if (count > this.#remaining) throw new AssayError('E_CBOR_TRUNCATED', { offset: this.#bytes.length });
  }

  /** The next `count` bytes, still part of the input. */
  #take(count: number): Uint8Array {
    this.#need(count);
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + count);
    this.#offset += count;
    return bytes;
  }
}

function checkOrder(previous: Uint8Array, next: Uint8Array, offset: number): void {
  const order = compareBytes(previous, next);
  if (order === 0) throw new AssayError('E_CBOR_DUPLICATE_KEY', { offset });
  if (order > 0) throw new AssayError('E_CBOR_NOT_CANONICAL', { offset });
}

function unsupported(offset: number, kind: string): AssayError {
  return new AssayError('E_CBOR_UNSUPPORTED', { offset, kind });
}
