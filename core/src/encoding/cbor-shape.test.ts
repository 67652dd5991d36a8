import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { AssayError } from '../errors/assay-error.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { anyCborValue } from './cbor.fixture.ts';
import {
  arrayOf,
  bool,
  bytes,
  decodeWith,
  int,
  literal,
  mapOf,
  optional,
  shape,
  text,
  variant,
  type ReadBy,
  type Reader,
} from './cbor-shape.ts';
import { encodeCbor, type CborValue } from './cbor.ts';

const readPoint = shape({
  kind: literal('point'),
  x: int({ min: 0 }),
  name: text({ maxBytes: 4 }),
  key: bytes({ length: 2 }),
  note: optional(text({ maxBytes: 9 })),
  list: arrayOf(int(), { max: 3 }),
  labels: mapOf(bool(), { max: 2, maxKeyBytes: 3 }),
});

const point = {
  kind: 'point',
  x: 1,
  name: 'p',
  key: Uint8Array.of(1, 2),
  list: [1, 2],
  labels: { a: true },
} as const;

const outcome = <T>(reader: Reader<T>, value: CborValue) => {
  const result = reader(value, '$');
  return result.ok ? 'ok' : `${result.error.code} ${result.error.fields['path']}`;
};

describe('shape', () => {
  it('reads a map with exactly its fields, typed', () => {
    const result = decodeWith(encodeCbor(point), readPoint);
    expect(result).toEqual({ ok: true, value: { ...point, labels: { a: true } } });
    expectTypeOf<ReadBy<typeof readPoint>>().toEqualTypeOf<
      {
        readonly kind: 'point';
        readonly x: number;
        readonly name: string;
        readonly key: Uint8Array;
        readonly list: readonly number[];
        readonly labels: Readonly<Record<string, boolean>>;
      } & { readonly note?: string }
    >();
  });

  it('reads an optional field, and leaves it out when it is absent', () => {
    expect(decodeWith(encodeCbor({ ...point, note: 'n' }), readPoint)).toMatchObject({
      value: { note: 'n' },
    });
    const without = decodeWith(encodeCbor(point), readPoint);
    expect(without.ok && Object.hasOwn(without.value, 'note')).toBe(false);
    expect(outcome(readPoint, { ...point, note: null })).toBe('E_SHAPE_TYPE $.note');
  });

  const { name: _, ...nameless } = point;
  it.each<[string, CborValue, string]>([
    ['no map', [], 'E_SHAPE_TYPE $'],
    ['null', null, 'E_SHAPE_TYPE $'],
    ['a byte string', new Uint8Array(3), 'E_SHAPE_TYPE $'],
    ['a missing field', nameless, 'E_SHAPE_MISSING_FIELD $.name'],
    ['an unknown field', { ...point, z: 1 }, 'E_SHAPE_UNKNOWN_FIELD $.z'],
    ['an inherited name', { ...point, toString: 1 }, 'E_SHAPE_UNKNOWN_FIELD $.toString'],
    ['an unknown field with an odd name', { ...point, 'a b"': 1 }, 'E_SHAPE_UNKNOWN_FIELD $["a b\\""]'],
    ['another kind', { ...point, kind: 'line' }, 'E_SHAPE_TYPE $.kind'],
    ['a number below its bound', { ...point, x: -1 }, 'E_SHAPE_RANGE $.x'],
    ['a number as a text', { ...point, x: '1' }, 'E_SHAPE_TYPE $.x'],
    ['a text too long in bytes', { ...point, name: 'üüü' }, 'E_SHAPE_RANGE $.name'],
    ['a key too short', { ...point, key: Uint8Array.of(1) }, 'E_SHAPE_RANGE $.key'],
    ['a list too long', { ...point, list: [1, 2, 3, 4] }, 'E_SHAPE_RANGE $.list'],
    ['a wrong item', { ...point, list: [1, 'b'] }, 'E_SHAPE_TYPE $.list[1]'],
    ['a wrong entry', { ...point, labels: { a: 0 } }, 'E_SHAPE_TYPE $.labels.a'],
    ['an entry too many', { ...point, labels: { a: true, b: true, c: true } }, 'E_SHAPE_RANGE $.labels'],
    ['an entry with a long key', { ...point, labels: { abcd: true } }, 'E_SHAPE_RANGE $.labels.abcd'],
  ])('refuses %s and says where', (_why, value, expected) => {
    expect(outcome(readPoint, value)).toBe(expected);
  });

  it('cuts foreign keys in its errors', () => {
    const path = outcome(readPoint, { ...point, ['k'.repeat(100_000)]: 1 });
    expect(path.length).toBeLessThan(80);
  });

  it('reads maps that came from JSON too', () => {
    const json = JSON.parse('{"labels": {"__proto__": true}, "n": 1}') as CborValue;
    const readJson = shape({ labels: mapOf(bool(), { max: 1, maxKeyBytes: 9 }), n: int() });
    const result = readJson(json, '$');
    expect(result.ok && Object.entries(result.value.labels)).toEqual([['__proto__', true]]);
    expect(outcome(readJson, JSON.parse('{"labels": {}, "n": 1.5}') as CborValue)).toBe('E_SHAPE_TYPE $.n');
  });
});

describe('single readers', () => {
  it('bound integers on both sides, inclusively', () => {
    const reader = int({ min: 2, max: 3 });
    expect([1, 2, 3, 4].map((n) => outcome(reader, n))).toEqual([
      'E_SHAPE_RANGE $',
      'ok',
      'ok',
      'E_SHAPE_RANGE $',
    ]);
  });

  it('count texts in bytes and hold them against a pattern', () => {
    const reader = text({ maxBytes: 4, pattern: /^[a-zü]+$/ });
    expect(['üü', 'üüa', 'A'].map((value) => outcome(reader, value))).toEqual([
      'ok',
      'E_SHAPE_RANGE $',
      'E_SHAPE_RANGE $',
    ]);
  });

  it('bound byte strings from above', () => {
    const reader = bytes({ maxLength: 2 });
    expect([0, 2, 3].map((length) => outcome(reader, new Uint8Array(length)))).toEqual([
      'ok',
      'ok',
      'E_SHAPE_RANGE $',
    ]);
  });

  it('bound arrays from below', () => {
    expect(outcome(arrayOf(int(), { min: 1, max: 2 }), [])).toBe('E_SHAPE_RANGE $');
  });

  it('take any of several literals, false and null among them', () => {
    const reader = literal('a', 1, null, false);
    expect(['a', 1, null, false, true].map((value) => outcome(reader, value))).toEqual([
      'ok',
      'ok',
      'ok',
      'ok',
      'E_SHAPE_TYPE $',
    ]);
  });
});

describe('variant', () => {
  const readShape = variant('kind', {
    point: shape({ kind: literal('point'), x: int() }),
    line: shape({ kind: literal('line'), length: int() }),
  });

  it('reads the map that its tag names', () => {
    expect(readShape({ kind: 'line', length: 3 }, '$')).toEqual({
      ok: true,
      value: { kind: 'line', length: 3 },
    });
  });

  it.each<[string, CborValue, string]>([
    ['an unknown tag', { kind: 'circle' }, 'E_SHAPE_TYPE $.kind'],
    ['an inherited name as tag', { kind: 'toString' }, 'E_SHAPE_TYPE $.kind'],
    ['a tag that is no text', { kind: 1 }, 'E_SHAPE_TYPE $.kind'],
    ['no tag', { x: 1 }, 'E_SHAPE_MISSING_FIELD $.kind'],
    ['no map', 'point', 'E_SHAPE_TYPE $'],
    ['the fields of another variant', { kind: 'line', x: 1 }, 'E_SHAPE_UNKNOWN_FIELD $.x'],
  ])('refuses %s', (_why, value, expected) => {
    expect(outcome(readShape, value)).toBe(expected);
  });
});

describe('decodeWith on hostile input', () => {
  it('gives a value that encodes back to the same bytes, or a coded error', () => {
    const close = mutatedBytes(fc.constant(encodeCbor(point)));
    const valid = anyCborValue.map((value) => encodeCbor(value));
    fc.assert(
      fc.property(fc.oneof(close, valid, fc.uint8Array({ maxLength: 60 })), (input) => {
        const result = decodeWith(input, readPoint);
        if (result.ok) expect(encodeCbor(result.value as CborValue)).toEqual(input);
        else expect(result.error).toBeInstanceOf(AssayError);
      }),
      { numRuns: 3000 },
    );
  });
});
