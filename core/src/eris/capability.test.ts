import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap, type Result } from '../errors/result.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import {
  blockSizeFor,
  blockUrn,
  decodeCapability,
  encodeCapability,
  fromBlockUrn,
  fromUrn,
  maxLevel,
  toUrn,
  type BlockSize,
  type ReadCapability,
} from './capability.ts';

/** Content `Hello world!` of the ERIS specification. */
const helloUrn =
  'urn:eris:BIAD77QDJMFAKZYH2DXBUZYAP3MXZ3DJZVFYQ5DFWC6T65WSFCU5S2IT4YZGJ7AC4SYQMP2DM2ANS2ZTCP3DJJIRV733CRAAHOSWIYZM3M';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const capabilities: fc.Arbitrary<ReadCapability> = fc
  .constantFrom<BlockSize>(1024, 32768)
  .chain((blockSize) =>
    fc.record({
      blockSize: fc.constant(blockSize),
      level: fc.nat(maxLevel(blockSize)),
      rootReference: hash,
      rootKey: hash,
    }),
  );

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.error.code;
}

describe('a read capability', () => {
  it('of the specification reads as 1 KiB blocks, level 0, and is written back the same', () => {
    const capability = unwrap(fromUrn(helloUrn));
    expect(capability).toMatchObject({ blockSize: 1024, level: 0 });
    expect(encodeCapability(capability).length).toBe(66);
    expect(toUrn(capability)).toBe(helloUrn);
  });

  it('survives the way through bytes and URN', () => {
    fc.assert(
      fc.property(capabilities, (capability) => {
        expect(unwrap(decodeCapability(encodeCapability(capability)))).toEqual(capability);
        expect(unwrap(fromUrn(toUrn(capability)))).toEqual(capability);
      }),
    );
  });

  it('is refused when its length or block size is not one of ERIS', () => {
    const bytes = encodeCapability(unwrap(fromUrn(helloUrn)));
    const wrong = [
      bytes.subarray(0, 65),
      Uint8Array.of(...bytes, 0),
      Uint8Array.of(0x0b, ...bytes.subarray(1)),
    ];
    for (const each of wrong) expect(codeOf(decodeCapability(each))).toBe('E_ERIS_CAPABILITY');
    expect(codeOf(decodeCapability(new Uint8Array()))).toBe('E_ERIS_CAPABILITY');
  });

  it.each([
    [0x0a, 8],
    [0x0f, 4],
  ])('with size code %i is refused above level %i', (code, highest) => {
    const bytes = encodeCapability(unwrap(fromUrn(helloUrn)));
    bytes.set([code, highest]);
    expect(codeOf(decodeCapability(bytes))).toBe('accepted');
    bytes[1] = highest + 1;
    expect(codeOf(decodeCapability(bytes))).toBe('E_ERIS_LEVEL');
  });

  it('reads any bytes without throwing, and only those it would write', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      mutatedBytes(capabilities.map(encodeCapability)),
    );
    fc.assert(
      fc.property(bytes, (each) => {
        const result = decodeCapability(each);
        if (result.ok) expect(encodeCapability(result.value)).toEqual(each);
      }),
    );
  });
});

describe('a capability URN', () => {
  const spareBitsSet = `${helloUrn.slice(0, -1)}N`;

  it.each([
    ['spare bits set', spareBitsSet],
    ['characters appended', `${helloUrn}AAAAAAAA`],
    ['padding', `${helloUrn}======`],
    ['lower case', helloUrn.toLowerCase()],
    ['an upper-case scheme', helloUrn.replace('urn:', 'URN:')],
    ['a character missing', helloUrn.slice(0, -1)],
    ['white space', ` ${helloUrn.slice(0, -1)}`],
    ['a block URN in its place', blockUrn(new Uint8Array(32))],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    expect(codeOf(fromUrn(text))).toBe('E_ERIS_URN');
  });

  it('reads any text without throwing, and only what it would write', () => {
    const nearly = fc
      .tuple(capabilities, fc.nat(114), fc.string({ maxLength: 2 }))
      .map(([capability, at, text]) => {
        const urn = toUrn(capability);
        return urn.slice(0, at) + text + urn.slice(at + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (text) => {
        const result = fromUrn(text);
        if (result.ok) expect(toUrn(result.value)).toBe(text);
      }),
    );
  });
});

describe('a block URN', () => {
  it('has 64 characters and survives the round trip', () => {
    fc.assert(
      fc.property(hash, (reference) => {
        const urn = blockUrn(reference);
        expect(urn).toMatch(/^urn:blake2b:[A-Z2-7]{52}$/);
        expect(unwrap(fromBlockUrn(urn))).toEqual(reference);
      }),
    );
  });

  it('is refused in any other form', () => {
    const urn = blockUrn(new Uint8Array(32));
    for (const text of [`${urn}A`, urn.slice(0, -1), urn.toLowerCase(), `${urn.slice(0, -1)}B`, helloUrn]) {
      expect(codeOf(fromBlockUrn(text))).toBe('E_ERIS_URN');
    }
  });
});

it('contents from 16 KiB on are cut in 32 KiB blocks', () => {
  expect([0, 16383, 16384, 1e9].map(blockSizeFor)).toEqual([1024, 1024, 32768, 32768]);
});
