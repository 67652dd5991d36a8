import { fail, ok, type Result } from '../errors/result.ts';
import { utf8 } from './bytes.ts';
import { decodeCbor, type CborLimits, type CborMap, type CborValue } from './cbor.ts';

/** Turns a decoded value into a `T`, or says which field at which path is wrong. `$` is the path of the whole. */
export type Reader<T> = (value: CborValue, path: string) => Result<T>;

/** A field of a `shape` that may be absent; null does not count as absent. */
export interface OptionalField<T> {
  readonly optional: Reader<T>;
}

/** What a reader gives. */
export type ReadBy<R> = R extends Reader<infer T> ? T : never;

type Fields = Readonly<Record<string, Reader<unknown> | OptionalField<unknown>>>;
type Shaped<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Reader<unknown> ? K : never]: ReadBy<F[K]>;
} & {
  readonly [K in keyof F as F[K] extends Reader<unknown> ? never : K]?: F[K] extends OptionalField<infer T>
    ? T
    : never;
};

/** Longest piece of a foreign key that is repeated in an error path. */
const MAX_SHOWN_KEY = 40;

/** Decodes canonical CBOR and reads it: the usual total decoder of a format. */
export function decodeWith<T>(bytes: Uint8Array, reader: Reader<T>, limits?: CborLimits): Result<T> {
  const value = decodeCbor(bytes, limits);
  return value.ok ? reader(value.value, '$') : value;
}

/** A map with exactly these fields: each one read by its reader, none missing, none besides. */
export function shape<const F extends Fields>(fields: F): Reader<Shaped<F>> {
  // Prepared once: replaying a log reads a dozen such maps per entry.
  const members = Object.entries(fields).map(([key, field]) => ({
    key,
    step: pathOf('', key),
    isOptional: typeof field !== 'function',
    reader: typeof field === 'function' ? field : field.optional,
  }));
  return (value, path) => {
    if (!isMap(value)) return wrongType(path, 'a map');
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) return fail('E_SHAPE_UNKNOWN_FIELD', { path: pathOf(path, key) });
    }
    const read: Record<string, unknown> = {};
    for (const { key, step, isOptional, reader } of members) {
      const member = value[key];
      if (!Object.hasOwn(value, key) || member === undefined) {
        if (isOptional) continue;
        return fail('E_SHAPE_MISSING_FIELD', { path: path + step });
      }
      const result = reader(member, path + step);
      if (!result.ok) return result;
      read[key] = result.value;
    }
    return ok(read as Shaped<F>);
  };
}

/** Marks a field of a `shape` that may be left out. */
export function optional<T>(reader: Reader<T>): OptionalField<T> {
  return { optional: reader };
}

/** One of several maps, told apart by the text in their field `tag`; each reader sees the whole map. */
export function variant<const V extends Readonly<Record<string, Reader<unknown>>>>(
  tag: string,
  variants: V,
): Reader<ReadBy<V[keyof V]>> {
  const expected = `one of ${Object.keys(variants).join(', ')}`;
  return (value, path) => {
    if (!isMap(value)) return wrongType(path, 'a map');
    const name = Object.hasOwn(value, tag) ? value[tag] : undefined;
    if (name === undefined) return fail('E_SHAPE_MISSING_FIELD', { path: pathOf(path, tag) });
    const reader = typeof name === 'string' && Object.hasOwn(variants, name) ? variants[name] : undefined;
    if (reader === undefined) return wrongType(pathOf(path, tag), expected);
    return reader(value, path) as Result<ReadBy<V[keyof V]>>;
  };
}

/** An integer, by default any safe one. Both bounds are inclusive. */
export function int({
  min = Number.MIN_SAFE_INTEGER,
  max = Number.MAX_SAFE_INTEGER,
}: { min?: number; max?: number } = {}): Reader<number> {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrongType(path, 'an integer');
    return value >= min && value <= max ? ok(value) : outOfRange(path, `between ${min} and ${max}`);
  };
}

/** A text of at most `maxBytes` bytes of UTF-8, matching `pattern` where one is given. */
export function text({ maxBytes, pattern }: { maxBytes: number; pattern?: RegExp }): Reader<string> {
  return (value, path) => {
    if (typeof value !== 'string') return wrongType(path, 'a text');
    if (isLonger(value, maxBytes)) return outOfRange(path, `at most ${maxBytes} bytes long`);
    if (pattern !== undefined && value.search(pattern) < 0) return outOfRange(path, `like ${pattern.source}`);
    return ok(value);
  };
}

/** A byte string of exactly `length` bytes, or of at most `maxLength`. */
export function bytes(size: { length: number } | { maxLength: number }): Reader<Uint8Array> {
  const min = 'length' in size ? size.length : 0;
  const max = 'length' in size ? size.length : size.maxLength;
  const expected = min === max ? `${max} bytes long` : `at most ${max} bytes long`;
  return (value, path) => {
    if (!(value instanceof Uint8Array)) return wrongType(path, 'a byte string');
    return value.length >= min && value.length <= max ? ok(value) : outOfRange(path, expected);
  };
}

/** True or false. */
export function bool(): Reader<boolean> {
  return (value, path) => (typeof value === 'boolean' ? ok(value) : wrongType(path, 'true or false'));
}

/** Exactly one of the given texts, numbers, booleans or null. */
export function literal<const L extends readonly (string | number | boolean | null)[]>(
  ...allowed: L
): Reader<L[number]> {
  const expected = allowed.map((one) => JSON.stringify(one)).join(' or ');
  return (value, path) => {
    const found = allowed.find((one) => one === value);
    return found === undefined ? wrongType(path, expected) : ok(found);
  };
}

/** An array of at most `max` items, at least `min` where given, each read by `reader`. */
export function arrayOf<T>(
  reader: Reader<T>,
  { min = 0, max }: { min?: number; max: number },
): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return wrongType(path, 'an array');
    if (value.length < min || value.length > max) return outOfRange(path, `${min} to ${max} items long`);
    const items: T[] = [];
    for (const [index, item] of value.entries()) {
      const result = reader(item, `${path}[${index}]`);
      if (!result.ok) return result;
      items.push(result.value);
    }
    return ok(items);
  };
}

/** A map with free keys of at most `maxKeyBytes` bytes, at most `max` of them. The result has no prototype. */
export function mapOf<T>(
  reader: Reader<T>,
  { max, maxKeyBytes = 256 }: { max: number; maxKeyBytes?: number },
): Reader<Readonly<Record<string, T>>> {
  const readKey = text({ maxBytes: maxKeyBytes });
  return (value, path) => {
    if (!isMap(value)) return wrongType(path, 'a map');
    const entries = Object.entries(value);
    if (entries.length > max) return outOfRange(path, `at most ${max} entries long`);
    const read: Record<string, T> = Object.create(null);
    for (const [key, member] of entries) {
      const memberPath = pathOf(path, key);
      const checkedKey = readKey(key, memberPath);
      if (!checkedKey.ok) return checkedKey;
      const result = reader(member, memberPath);
      if (!result.ok) return result;
      read[key] = result.value;
    }
    return ok(read);
  };
}

/** Whether a text takes more than `maxBytes` in UTF-8: one to three bytes per UTF-16 unit, so few texts must be encoded to know. */
function isLonger(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return true;
  return 3 * text.length > maxBytes && utf8(text).length > maxBytes;
}

function isMap(value: CborValue): value is CborMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** The path of a member: `$.name`, or `$["a key"]` for what is not a plain name; long keys are cut. */
function pathOf(path: string, key: string): string {
  const shown = key.length > MAX_SHOWN_KEY ? `${key.slice(0, MAX_SHOWN_KEY)}…` : key;
  return /^\w+$/.test(shown) ? `${path}.${shown}` : `${path}[${JSON.stringify(shown)}]`;
}

function wrongType(path: string, expected: string): Result<never> {
  return fail('E_SHAPE_TYPE', { path, expected });
}

function outOfRange(path: string, expected: string): Result<never> {
  return fail('E_SHAPE_RANGE', { path, expected });
}
