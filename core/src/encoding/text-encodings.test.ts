import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../errors/result.ts';
import { fromBase32, toBase32 } from './base32.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { utf8 } from './bytes.ts';
import { fromHex, toHex } from './hex.ts';

interface TextEncoding {
  readonly code: string;
  readonly symbols: string;
  readonly encode: (bytes: Uint8Array) => string;
  readonly decode: (text: string) => Result<Uint8Array>;
  /** Node's own encoder, an independent witness. */
  readonly witness?: (bytes: Uint8Array) => string;
  readonly examples: readonly (readonly [string, string])[];
  readonly refused: readonly (readonly [string, string])[];
}

/** Examples are those of RFC 4648 §10, base32 without its padding and hex in lower case. */
const encodings: Record<string, TextEncoding> = {
  hex: {
    code: 'E_HEX',
    symbols: '0123456789abcdefABCDEF',
    encode: toHex,
    decode: fromHex,
    witness: (bytes) => Buffer.from(bytes).toString('hex'),
    examples: [
      ['', ''],
      ['f', '66'],
      ['foobar', '666f6f626172'],
    ],
    refused: [
      ['upper case', '6F'],
      ['half a byte', '666'],
      ['a prefix', '0x66'],
      ['a space', '66 6f'],
      ['a digit of another script', '6６'],
    ],
  },
  base32: {
    code: 'E_BASE32',
    symbols: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=a18',
    encode: toBase32,
    decode: fromBase32,
    examples: [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ],
    refused: [
      ['lower case', 'my'],
      ['padding', 'MY======'],
      ['spare bits set', 'MZ'],
      ['a length no bytes have', 'MZXW6YTBO'],
      ['three symbols', 'MZX'],
      ['a digit outside the alphabet', 'M1'],
      ['a space', 'MY '],
      ['a letter outside ASCII', 'MÝ'],
    ],
  },
  base64: {
    code: 'E_BASE64',
    symbols: 'ABCXYZabcxyz0189+/=-_',
    encode: toBase64,
    decode: fromBase64,
    witness: (bytes) => Buffer.from(bytes).toString('base64'),
    examples: [
      ['', ''],
      ['f', 'Zg=='],
      ['fo', 'Zm8='],
      ['foo', 'Zm9v'],
      ['foobar', 'Zm9vYmFy'],
    ],
    refused: [
      ['no padding', 'Zg'],
      ['half the padding', 'Zg='],
      ['too much padding', 'Zm8=='],
      ['padding alone', '===='],
      ['spare bits set', 'Zh=='],
      ['padding inside', 'Zg==Zg=='],
      ['the URL alphabet', 'Zm9-'],
      ['a line break', 'Zm9v\n'],
      ['one symbol', 'Z'],
    ],
  },
};

describe.each(Object.entries(encodings))(
  '%s',
  (_, { code, symbols, encode, decode, witness, examples, refused }) => {
    it.each(examples)('writes and reads %j as %j', (plain, encoded) => {
      expect(encode(utf8(plain))).toBe(encoded);
      expect(decode(encoded)).toEqual({ ok: true, value: utf8(plain) });
    });

    it.each(refused)('refuses %s', (_why, encoded) => {
      expect(decode(encoded)).toMatchObject({ ok: false, error: { code } });
    });

    it('round-trips every byte string', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
          expect(decode(encode(bytes))).toEqual({ ok: true, value: bytes });
          if (witness !== undefined) expect(encode(bytes)).toBe(witness(bytes));
        }),
      );
    });

    it('reads only texts that it would have written', () => {
      const likely = fc.string({ unit: fc.constantFrom(...symbols), maxLength: 12 });
      fc.assert(
        fc.property(fc.oneof(likely, fc.string({ unit: 'binary' })), (text) => {
          const read = decode(text);
          if (read.ok) expect(encode(read.value)).toBe(text);
          else expect(read.error.code).toBe(code);
        }),
        { numRuns: 1000 },
      );
    });
  },
);
