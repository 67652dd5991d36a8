import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { ok, type Result } from '../errors/result.ts';
import { compareBytes, concatBytes, utf8 } from './bytes.ts';
import { CborDecoder } from './cbor-decoder.ts';
import { HeadWidth, MajorType, SimpleValue } from './cbor-format.ts';

/** A value in the subset of CBOR that every format here uses. Integers lie within ±(2^53 - 1). */
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/** A map with text keys. Decoded maps have no prototype, so that no key can collide with inherited names. */
export interface CborMap {
  readonly [key: string]: CborValue;
}

/** Bounds on what `decodeCbor` reads. */
export interface CborLimits {
  /** Arrays and maps inside one another. */
  readonly maxDepth?: number;
  /** Items in all, map keys counted too. */
  readonly maxItems?: number;
  /** Length of the whole input. */
  readonly maxBytes?: number;
}

/** Our deepest format nests six levels; 16 leaves room and keeps the recursion far from any stack limit. */
export const DEFAULT_MAX_DEPTH = 16;
/** Two items per 32 bytes of the largest input: no format here is denser than a list of hashes. */
export const DEFAULT_MAX_ITEMS = 65_536;
/** Room for 31 blocks of 32 KiB; a format that needs more says so. */
export const DEFAULT_MAX_BYTES = 1_048_576;

/**
 * Encodes by the deterministic rules of RFC 8949 §4.2.1: shortest heads, definite lengths, map keys in bytewise
 * order of their encodings. Keys whose value is undefined are left out. Throws `E_CBOR_UNENCODABLE` for what is
 * not a `CborValue` after all: fractions, integers beyond 2^53 - 1, texts with lone surrogates.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  encodeInto(parts, value);
  return concatBytes(...parts);
}

/**
 * Decodes one item that fills `bytes` exactly. Refuses everything `encodeCbor` would not have written: heads
 * longer than needed, keys out of order or twice, floats, tags, indefinite lengths, trailing bytes. Total.
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): Result<CborValue> {
  try {
    const {
      maxDepth = DEFAULT_MAX_DEPTH,
      maxItems = DEFAULT_MAX_ITEMS,
      maxBytes = DEFAULT_MAX_BYTES,
    } = limits;
    return ok(new CborDecoder(bytes, { maxDepth, maxItems, maxBytes }).decode());
  } catch (error) {
    if (isAssayError(error)) return { ok: false, error };
    throw error;
  }
}

function encodeInto(parts: Uint8Array[], value: CborValue): void {
  if (typeof value === 'number') encodeInteger(parts, value);
  else if (typeof value === 'string') encodeText(parts, value);
  else if (value === false) parts.push(head(MajorType.simple, SimpleValue.false));
  else if (value === true) parts.push(head(MajorType.simple, SimpleValue.true));
  else if (value === null) parts.push(head(MajorType.simple, SimpleValue.null));
  else if (value instanceof Uint8Array) parts.push(head(MajorType.bytes, value.length), value);
  else if (isArray(value)) encodeArray(parts, value);
  else if (typeof value === 'object') encodeMap(parts, value);
  else throw unencodable(`a value of type ${typeof value}`);
}

function encodeInteger(parts: Uint8Array[], value: number): void {
  if (!Number.isSafeInteger(value)) throw unencodable(`the number ${value}`);
  parts.push(value >= 0 ? head(MajorType.unsigned, value) : head(MajorType.negative, -1 - value));
}

function encodeText(parts: Uint8Array[], value: string): void {
  if (!value.isWellFormed()) throw unencodable('a text with half a surrogate pair');
  const bytes = utf8(value);
  parts.push(head(MajorType.text, bytes.length), bytes);
}

function encodeArray(parts: Uint8Array[], items: readonly CborValue[]): void {
  parts.push(head(MajorType.array, items.length));
  for (const item of items) encodeInto(parts, item);
}

function encodeMap(parts: Uint8Array[], map: CborMap): void {
  const entries = Object.entries(map)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key: encodeCbor(key), value }))
    .toSorted((a, b) => compareBytes(a.key, b.key));
  parts.push(head(MajorType.map, entries.length));
  for (const { key, value } of entries) {
    parts.push(key);
    encodeInto(parts, value);
  }
}

/** The first bytes of an item: its major type and the shortest form of its argument (RFC 8949 §3, §4.2.1). */
function head(majorType: number, argument: number): Uint8Array {
  const type = majorType << 5;
  if (argument < HeadWidth.one) return Uint8Array.of(type | argument);
  if (argument <= 0xff) return Uint8Array.of(type | HeadWidth.one, argument);
  if (argument <= 0xffff) return Uint8Array.of(type | HeadWidth.two, argument >> 8, argument & 0xff);
  const bytes = new Uint8Array(argument <= 0xffff_ffff ? 5 : 9);
  const view = new DataView(bytes.buffer);
  if (argument <= 0xffff_ffff) {
    bytes[0] = type | HeadWidth.four;
    view.setUint32(1, argument);
  } else {
    bytes[0] = type | HeadWidth.eight;
    view.setBigUint64(1, BigInt(argument));
  }
  return bytes;
}

/** `Array.isArray` that also narrows a readonly array. */
function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function unencodable(reason: string): AssayError {
  return new AssayError('E_CBOR_UNENCODABLE', { reason });
}
