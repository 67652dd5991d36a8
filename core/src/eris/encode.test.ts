import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { someBytes } from './block-map.fixture.ts';
import { toUrn } from './capability.ts';
import { encodeContent, ErisEncoder } from './encode.ts';
import { nobleKernel } from './kernel.ts';

describe('the encoder', () => {
  it('names a content the same however it is cut into chunks', () => {
    const content = someBytes(40_000);
    const expected = toUrn(encodeContent(content, { blockSize: 1024 }).capability);
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 30 }), (sizes) => {
        const encoder = new ErisEncoder({ blockSize: 1024, onBlock: () => {} });
        let at = 0;
        for (const size of sizes) {
          encoder.update(content.subarray(at, at + size));
          at = Math.min(content.length, at + size);
        }
        encoder.update(content.subarray(at));
        expect(toUrn(encoder.finish())).toBe(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps no chunk: its buffer may be used again', () => {
    const content = someBytes(5000);
    const encoder = new ErisEncoder({ blockSize: 1024, onBlock: () => {} });
    const buffer = new Uint8Array(700);
    for (let at = 0; at < content.length; at += buffer.length) {
      const part = content.subarray(at, at + buffer.length);
      buffer.set(part);
      encoder.update(buffer.subarray(0, part.length));
      buffer.fill(0xff);
    }
    expect(toUrn(encoder.finish())).toBe(toUrn(encodeContent(content, { blockSize: 1024 }).capability));
  });

  it('leaves the content as it was', () => {
    const content = someBytes(70_001);
    encodeContent(content.subarray(1), { blockSize: 1024 });
    expect(toHex(content)).toBe(toHex(someBytes(70_001)));
  });

  it('gives out children before parents, each block under its own hash', () => {
    const seen = new Set<string>();
    const levels: number[] = [];
    const encoder = new ErisEncoder({
      blockSize: 1024,
      onBlock({ reference, key, bytes, level }) {
        expect(toHex(nobleKernel.referenceOf(bytes))).toBe(toHex(reference));
        const plain = nobleKernel.decrypt(bytes, key, level);
        if (level > 0) expect(seen.has(toHex(plain.subarray(0, 32)))).toBe(true);
        seen.add(toHex(reference));
        levels.push(level);
      },
    });
    encoder.update(someBytes(17 * 1024));
    encoder.finish();
    // 16 leaves, their node, the 17th leaf, the padding, the second node, the root
    expect(levels.join('')).toBe('000000000000000010012');
  });

  it('makes equal content equal under the null secret, and unlike under a secret of its own', () => {
    const content = utf8('Hello world!');
    const secret = new Uint8Array(32).fill(7);
    const named = (options: { secret?: Uint8Array }) => toUrn(encodeContent(content, options).capability);
    expect(named({})).toBe(named({ secret: new Uint8Array(32) }));
    expect(named({ secret })).toBe(named({ secret: new Uint8Array(secret) }));
    expect(named({ secret })).not.toBe(named({}));
  });

  it('refuses a secret that is not 32 bytes long', () => {
    expect(() => encodeContent(new Uint8Array(), { secret: new Uint8Array(31) })).toThrow(RangeError);
  });
});

it('the kernel gives the same results for arrays that do not start at a word', () => {
  const shifted = someBytes(1025).subarray(1);
  const straight = shifted.slice();
  const key = nobleKernel.keyOf(straight);
  expect(nobleKernel.keyOf(shifted)).toEqual(key);
  expect(nobleKernel.referenceOf(shifted)).toEqual(nobleKernel.referenceOf(straight));
  expect(nobleKernel.encrypt(shifted, key, 3)).toEqual(nobleKernel.encrypt(straight, key, 3));
  expect(nobleKernel.decrypt(nobleKernel.encrypt(shifted, key, 3), key, 3)).toEqual(straight);
});
