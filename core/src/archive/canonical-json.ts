import { equalBytes, fromUtf8, utf8 } from '../encoding/bytes.ts';
import type { CborMap, CborValue } from '../encoding/cbor.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/** Arrays and maps inside one another; an in-toto statement nests six. */
const MAX_DEPTH = 16;

/**
 * The canonical bytes of a JSON value by RFC 8785, in the subset we use: safe integers, no fractions, no byte strings. Throws
 * `E_JSON` for other values.
 */
export function encodeCanonicalJson(value: CborValue): Uint8Array {
  return utf8(canonicalText(value));
}

/** Reads JSON that is written exactly as `encodeCanonicalJson` would; repeated keys are refused with everything else. Total. */
export function decodeCanonicalJson(bytes: Uint8Array): Result<CborValue> {
  const text = fromUtf8(bytes);
  if (!text.ok) return text;
  const value = parseJson(text.value);
  if (!value.ok) return value;
  const canonical = equalBytes(encodeCanonicalJson(value.value), bytes);
  return canonical ? value : fail('E_JSON', { reason: 'another spelling of the same value' });
}

/** Parses any JSON text whose numbers are safe integers, for readers of `cbor-shape`. Maps come without prototype. Total. */
export function parseJson(text: string): Result<CborValue> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    return fail('E_JSON', { reason: 'not JSON at all' }, cause);
  }
  const value = plainValue(parsed, 0);
  return value === undefined ? fail('E_JSON', { reason: 'a value that is not used here' }) : ok(value);
}

function canonicalText(value: CborValue): string {
  if (typeof value === 'string' && value.isWellFormed()) return JSON.stringify(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (isList(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return mapText(value);
  throw new AssayError('E_JSON', { reason: `a value of type ${typeof value}` });
}

/** Keys in the order of their UTF-16 code units, which is what `sort` does by default. */
function mapText(map: CborMap): string {
  const members: string[] = [];
  for (const key of Object.keys(map).toSorted()) {
    const value = map[key];
    if (value !== undefined) members.push(`${canonicalText(key)}:${canonicalText(value)}`);
  }
  return `{${members.join(',')}}`;
}

function plainValue(value: unknown, depth: number): CborValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.isWellFormed() ? value : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'object' || depth === MAX_DEPTH) return undefined;
  return Array.isArray(value) ? plainList(value, depth + 1) : plainMap(value, depth + 1);
}

function plainList(items: readonly unknown[], depth: number): CborValue | undefined {
  const list: CborValue[] = [];
  for (const item of items) {
    const value = plainValue(item, depth);
    if (value === undefined) return undefined;
    list.push(value);
  }
  return list;
}

function plainMap(object: object, depth: number): CborMap | undefined {
  const map: Record<string, CborValue> = Object.create(null);
  for (const [key, member] of Object.entries(object)) {
    const value = plainValue(member, depth);
    if (value === undefined || !key.isWellFormed()) return undefined;
    map[key] = value;
  }
  return map;
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}
