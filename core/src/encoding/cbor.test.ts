import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { anyCborValue } from './cbor.fixture.ts';
import { decodeCbor, encodeCbor, type CborValue } from './cbor.ts';
import { fromHex, toHex } from './hex.ts';

const decodeHex = (hex: string) => decodeCbor(unwrap(fromHex(hex)));

/** The examples of RFC 8949, appendix A, that fall into our subset. */
const examples: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', '\u00fc'],
  ['63e6b0b4', '\u6c34'],
  ['64f0908591', '\ud800\udd51'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  [
    '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
    Array.from({ length: 25 }, (_, index) => index + 1),
  ],
  ['a0', {}],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['826161a161626163', ['a', { b: 'c' }]],
  ['a56161614161626142616361436164614461656145', { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }],
  // Not in the RFC: the bounds of our integers, and the step between widths.
  ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['3b001ffffffffffffe', Number.MIN_SAFE_INTEGER],
  ['18ff', 255],
  ['190100', 256],
  ['19ffff', 65_535],
  ['1a00010000', 65_536],
  ['1affffffff', 4_294_967_295],
  ['1b0000000100000000', 4_294_967_296],
];

/** Well-formed or broken CBOR that no canonical encoder of our subset writes. */
const refused: readonly (readonly [string, string, string])[] = [
  ['1817', 'E_CBOR_NOT_CANONICAL', 'a small integer in two bytes'],
  ['1900ff', 'E_CBOR_NOT_CANONICAL', 'a one-byte integer in three'],
  ['1a0000ffff', 'E_CBOR_NOT_CANONICAL', 'a two-byte integer in five'],
  ['1b00000000ffffffff', 'E_CBOR_NOT_CANONICAL', 'a four-byte integer in nine'],
  ['3817', 'E_CBOR_NOT_CANONICAL', 'a small negative integer in two bytes'],
  ['580101', 'E_CBOR_NOT_CANONICAL', 'a byte string with a long length'],
  ['780161', 'E_CBOR_NOT_CANONICAL', 'a text with a long length'],
  ['980101', 'E_CBOR_NOT_CANONICAL', 'an array with a long count'],
  ['b801616101', 'E_CBOR_NOT_CANONICAL', 'a map with a long count'],
  ['a2616201616102', 'E_CBOR_NOT_CANONICAL', 'keys out of order'],
  ['a262616101616202', 'E_CBOR_NOT_CANONICAL', 'a longer key before a shorter one'],
  ['a2616101616101', 'E_CBOR_DUPLICATE_KEY', 'a key twice'],
  ['a10101', 'E_CBOR_UNSUPPORTED', 'an integer as a key'],
  ['a1416101', 'E_CBOR_UNSUPPORTED', 'a byte string as a key'],
  ['f90000', 'E_CBOR_UNSUPPORTED', 'a half float'],
  ['fa47c35000', 'E_CBOR_UNSUPPORTED', 'a single float'],
  ['fb3ff199999999999a', 'E_CBOR_UNSUPPORTED', 'a double float'],
  ['f7', 'E_CBOR_UNSUPPORTED', 'undefined'],
  ['e0', 'E_CBOR_UNSUPPORTED', 'an unassigned simple value'],
  ['f818', 'E_CBOR_UNSUPPORTED', 'a simple value in two bytes'],
  ['c000', 'E_CBOR_UNSUPPORTED', 'a tag'],
  ['c249010000000000000000', 'E_CBOR_UNSUPPORTED', 'a bignum'],
  ['5f4101ff', 'E_CBOR_UNSUPPORTED', 'a byte string of indefinite length'],
  ['7f6161ff', 'E_CBOR_UNSUPPORTED', 'a text of indefinite length'],
  ['9f01ff', 'E_CBOR_UNSUPPORTED', 'an array of indefinite length'],
  ['bf616101ff', 'E_CBOR_UNSUPPORTED', 'a map of indefinite length'],
  ['ff', 'E_CBOR_UNSUPPORTED', 'a lone break'],
  ['1c', 'E_CBOR_UNSUPPORTED', 'a reserved length'],
  ['1b0020000000000000', 'E_INTEGER_RANGE', '2^53'],
  ['3b001fffffffffffff', 'E_INTEGER_RANGE', '-2^53'],
  ['1bffffffffffffffff', 'E_INTEGER_RANGE', '2^64 - 1'],
  ['3bffffffffffffffff', 'E_INTEGER_RANGE', '-2^64'],
  ['61ff', 'E_UTF8', 'a text that is not UTF-8'],
  ['63eda080', 'E_UTF8', 'a surrogate in a text'],
  ['', 'E_CBOR_TRUNCATED', 'nothing'],
  ['18', 'E_CBOR_TRUNCATED', 'a head cut off'],
  ['1a0001', 'E_CBOR_TRUNCATED', 'an argument cut off'],
  ['4201', 'E_CBOR_TRUNCATED', 'a byte string cut off'],
  ['5b001fffffffffffff', 'E_CBOR_TRUNCATED', 'a byte string of 8 PiB announced'],
  ['9affffffff', 'E_CBOR_TRUNCATED', 'an array of 4 billion items announced'],
  ['bb000fffffffffffff', 'E_CBOR_TRUNCATED', 'a map of 2^52 entries announced'],
  ['bb001fffffffffffff', 'E_CBOR_TRUNCATED', 'a map of 2^53 - 1 entries announced'],
  ['8200', 'E_CBOR_TRUNCATED', 'an array one item short'],
  ['0000', 'E_CBOR_TRAILING', 'two items'],
  ['a000', 'E_CBOR_TRAILING', 'a byte after a map'],
];

describe('canonical CBOR', () => {
  it.each(examples)('writes and reads %s', (hex, value) => {
    expect(toHex(encodeCbor(value))).toBe(hex);
    expect(decodeHex(hex)).toEqual({ ok: true, value });
  });

  it.each(refused.filter(([, code]) => code !== 'ok'))('refuses %s with %s: %s', (hex, code) => {
    expect(decodeHex(hex)).toMatchObject({ ok: false, error: { code } });
  });

  it('round-trips every value', () => {
    fc.assert(
      fc.property(anyCborValue, (value) => {
        expect(decodeCbor(encodeCbor(value))).toStrictEqual({ ok: true, value });
      }),
    );
  });

  it('orders keys by their encodings whatever order they were put in', () => {
    const value = { b: 1, aa: 2, a: 3, '': 4 };
    expect(toHex(encodeCbor(value))).toBe('a4600461610361620162616102');
    expect(encodeCbor(Object.fromEntries(Object.entries(value).toReversed()))).toEqual(encodeCbor(value));
  });

  it('leaves out keys whose value is undefined', () => {
    expect(encodeCbor({ a: 1, b: undefined } as unknown as CborValue)).toEqual(encodeCbor({ a: 1 }));
  });

  it('keeps keys that objects inherit names for', () => {
    const decoded = unwrap(decodeHex('a1695f5f70726f746f5f5fa0')) as object;
    expect(Object.keys(decoded)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(decoded)).toBeNull();
    expect(toHex(encodeCbor(decoded as CborValue))).toBe('a1695f5f70726f746f5f5fa0');
  });

  it.each([
    ['a fraction', 0.5],
    ['an integer too large', 2 ** 53],
    ['NaN', Number.NaN],
    ['half a surrogate pair', '\ud800'],
    ['half a surrogate pair as a key', { '\udc00': 1 }],
    ['undefined in an array', [undefined]],
    ['a bigint', 1n],
    ['a function', () => 1],
  ])('does not encode %s', (_, value) => {
    expect(() => encodeCbor(value as CborValue)).toThrow(
      expect.objectContaining({ code: 'E_CBOR_UNENCODABLE' }) as AssayError,
    );
  });
});

describe('decodeCbor on hostile input', () => {
  const limits = { maxDepth: 4, maxItems: 50, maxBytes: 200 };

  it('accepts only what encodes back to the same bytes, and never throws', () => {
    const valid = anyCborValue.map((value) => encodeCbor(value));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutatedBytes(valid)), (bytes) => {
        const decoded = decodeCbor(bytes);
        if (decoded.ok) expect(encodeCbor(decoded.value)).toEqual(bytes);
        else expect(decoded.error).toBeInstanceOf(AssayError);
      }),
      { numRuns: 5000 },
    );
  });

  it('refuses every proper prefix of a valid encoding', () => {
    fc.assert(
      fc.property(anyCborValue, fc.nat(), (value, at) => {
        const bytes = encodeCbor(value);
        expect(decodeCbor(bytes.subarray(0, at % bytes.length)).ok).toBe(false);
      }),
    );
  });

  it('stops at the depth limit', () => {
    expect(decodeCbor(Uint8Array.of(0x81, 0x81, 0x81, 0x80), limits).ok).toBe(true);
    expect(decodeCbor(Uint8Array.of(0x81, 0x81, 0x81, 0x81, 0x80), limits)).toMatchObject({
      error: { code: 'E_CBOR_DEPTH', fields: { limit: 4, offset: 4 } },
    });
    expect(decodeCbor(new Uint8Array(1_000_000).fill(0x81))).toMatchObject({
      error: { code: 'E_CBOR_DEPTH' },
    });
  });

  it('stops at the item limit, keys counted', () => {
    const list = (count: number) => encodeCbor(Array.from({ length: count }, () => 0));
    expect(decodeCbor(list(49), limits).ok).toBe(true);
    expect(decodeCbor(list(50), limits)).toMatchObject({ error: { code: 'E_CBOR_ITEMS' } });
    const map = encodeCbor(Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`k${i}`, 0])));
    expect(decodeCbor(map, limits)).toMatchObject({ error: { code: 'E_CBOR_ITEMS' } });
  });

  it.each([
    ['an array', [0x98, 60]],
    ['a map', [0xb8, 30]],
  ])('refuses %s with more items than the rest has bytes before reading one', (_, head) => {
    const bytes = Uint8Array.from([...head, ...new Uint8Array(59)]);
    expect(decodeCbor(bytes, limits)).toMatchObject({ error: { code: 'E_CBOR_TRUNCATED' } });
  });

  it('does not read input beyond the size limit', () => {
    const text = (length: number) => encodeCbor('x'.repeat(length));
    expect(decodeCbor(text(198), limits).ok).toBe(true);
    expect(decodeCbor(text(199), limits)).toMatchObject({
      error: { code: 'E_CBOR_TOO_LARGE', fields: { size: 201, limit: 200 } },
    });
  });

  it('hands out copies of byte strings, even from a Buffer', () => {
    const input = Buffer.from([0x42, 1, 2]);
    const decoded = unwrap(decodeCbor(input));
    input.fill(9);
    expect(decoded).toEqual(Uint8Array.of(1, 2));
  });
});
