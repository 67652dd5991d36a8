import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { blake2b256 } from './blake2b.ts';
import { createSha256, sha256 } from './sha256.ts';
import { sha512 } from './sha512.ts';

const anyParts = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 });
const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

describe('SHA-2', () => {
  it('gives the digests of FIPS 180-4', () => {
    expect(toHex(sha256())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(sha256(utf8('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(toHex(sha256(utf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
    expect(toHex(sha512(utf8('abc')))).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    );
  });

  it('hashes parts as if they were one, like node:crypto', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const whole = concatBytes(...parts);
        const streamed = createSha256();
        for (const part of parts) streamed.update(part);
        const expected = createHash('sha256').update(whole).digest('hex');
        expect(toHex(sha256(...parts))).toBe(expected);
        expect(toHex(streamed.digest())).toBe(expected);
        expect(toHex(sha512(...parts))).toBe(createHash('sha512').update(whole).digest('hex'));
      }),
    );
  });
});

/** Digests computed with Python's hashlib. */
describe('BLAKE2b-256', () => {
  it.each([
    ['nothing', new Uint8Array(), '0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8'],
    ['abc', utf8('abc'), 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
    ['32 KiB', pattern(32_768), '478b6ecbc469707f5ba7ac59bba0429fb23f3570bb997168bc0932d83617c7bf'],
  ])('hashes %s', (_, data, digest) => {
    expect(toHex(blake2b256(data))).toBe(digest);
  });

  it.each([
    ['abc', utf8('abc'), 'd63a32d3e44738d7907f964316c241adaba0abfeabc32349677578a15a203f7f'],
    ['1 KiB', pattern(1024), 'c5be525b2116b3db8f210bc7846d25d199363b844544b1176605d97198e5e994'],
  ])('hashes %s with a key', (_, data, digest) => {
    expect(toHex(blake2b256(data, key))).toBe(digest);
  });
});
