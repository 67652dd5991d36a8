import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, concatBytes, equalBytes, fromUtf8, u32be, u64be, utf8 } from './bytes.ts';

const anyBytes = fc.uint8Array({ maxLength: 40 });

describe('equalBytes', () => {
  it('compares contents, not objects', () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
  });
});

describe('compareBytes', () => {
  it.each([
    [[], [], 0],
    [[], [0], -1],
    [[1], [1, 0], -1],
    [[2], [1, 255], 1],
    [[1, 127], [1, 128], -1],
  ])('orders %j against %j as %i', (a, b, order) => {
    expect(Math.sign(compareBytes(Uint8Array.from(a), Uint8Array.from(b)))).toBe(order);
  });

  it('is zero exactly for equal bytes, and turns its sign with its arguments', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (a, b) => {
        expect(compareBytes(a, b) === 0).toBe(equalBytes(a, b));
        expect(Math.sign(compareBytes(a, b))).toBe(0 - Math.sign(compareBytes(b, a)));
      }),
    );
  });
});

describe('concatBytes', () => {
  it('joins all parts into a new array', () => {
    const part = Uint8Array.of(1, 2);
    const joined = concatBytes(part, new Uint8Array(), Uint8Array.of(3));
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
    part[0] = 9;
    expect(joined[0]).toBe(1);
    expect(concatBytes()).toEqual(new Uint8Array());
  });
});

describe('UTF-8', () => {
  it('round-trips every well-formed text, byte order marks included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toEqual({ ok: true, value: text });
      }),
    );
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toEqual({ ok: true, value: '\ufeffa' });
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('refuses %s', (_, bytes) => {
    expect(fromUtf8(Uint8Array.from(bytes))).toMatchObject({ ok: false, error: { code: 'E_UTF8' } });
  });

  it('reads only what encodes back to the same bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = fromUtf8(bytes);
        if (text.ok) expect(utf8(text.value)).toEqual(bytes);
        else expect(text.error.code).toBe('E_UTF8');
      }),
    );
  });
});

describe('fixed-width integers', () => {
  it('are big-endian', () => {
    expect(u32be(0x01020304)).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(u32be(0xffff_ffff)).toEqual(Uint8Array.of(255, 255, 255, 255));
    expect(u64be(Number.MAX_SAFE_INTEGER)).toEqual(Uint8Array.of(0, 31, 255, 255, 255, 255, 255, 255));
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('do not take %d as 32 bits', (n) => {
    expect(() => u32be(n)).toThrow(RangeError);
  });

  it.each([-1, 0.5, 2 ** 53, Number.NaN])('do not take %d as 64 bits', (n) => {
    expect(() => u64be(n)).toThrow(RangeError);
  });
});
