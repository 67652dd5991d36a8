import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { getFrom, someBytes } from './block-map.fixture.ts';
import type { GetBlock } from './decode.ts';
import { encodeContent } from './encode.ts';
import { openErisReader } from './random-access.ts';

const content = someBytes(300_000);
const { capability, blocks } = encodeContent(content, { blockSize: 1024 });

function counting(): { get: GetBlock; asked: string[] } {
  const asked: string[] = [];
  const get: GetBlock = (reference) => {
    asked.push(toHex(reference));
    return getFrom(blocks)(reference);
  };
  return { get, asked };
}

describe('random access', () => {
  it('reads any range as a slice of the content', async () => {
    const reader = await openErisReader(capability, getFrom(blocks));
    const ranges = fc.tuple(fc.nat(content.length + 2000), fc.oneof(fc.nat(10), fc.nat(5000)));
    await fc.assert(
      fc.asyncProperty(fc.array(ranges, { minLength: 1, maxLength: 4 }), async (several) => {
        const parts = await Promise.all(several.map(([offset, length]) => reader.read(offset, length)));
        several.forEach(([offset, length], i) => {
          const expected = content.subarray(offset, offset + length);
          expect(equalBytes(parts[i] ?? new Uint8Array(), expected)).toBe(true);
        });
      }),
    );
  });

  it.each([0, 1, 1023, 1024, 1025, 16_383, 16_384, 16_385])('proves a length of %i', async (length) => {
    const encoded = encodeContent(content.subarray(0, length), { blockSize: 1024 });
    const reader = await openErisReader(encoded.capability, getFrom(encoded.blocks));
    expect(reader.length).toBe(length);
    expect(equalBytes(await reader.read(0, length + 1), content.subarray(0, length))).toBe(true);
    expect((await reader.read(length, 5)).length).toBe(0);
  });

  it('opens with one block per level, and reads on with one block per leaf', async () => {
    const { get, asked } = counting();
    const reader = await openErisReader(capability, get);
    expect(asked.length).toBe(capability.level + 1);
    asked.length = 0;
    for (let at = 0; at < 16 * 1024; at += 512) await reader.read(at, 512);
    expect(asked.length).toBe(2 + 16);
  });

  it('hands out bytes of its own, which may be changed', async () => {
    const reader = await openErisReader(capability, getFrom(blocks));
    const once = await reader.read(5000, 100);
    once.fill(0);
    expect(equalBytes(await reader.read(5000, 100), content.subarray(5000, 5100))).toBe(true);
  });

  it.each([
    [-1, 5],
    [0.5, 5],
    [0, Number.NaN],
  ])('refuses offset %f and length %f', async (offset, length) => {
    const reader = await openErisReader(capability, getFrom(blocks));
    await expect(reader.read(offset, length)).rejects.toThrow(RangeError);
  });

  it('refuses a size that is not the content’s', async () => {
    const opening = openErisReader(capability, getFrom(blocks), { size: content.length - 1 });
    await expect(opening).rejects.toMatchObject({ code: 'E_ERIS_SIZE' });
  });

  it('refuses a damaged leaf when it is read, and goes on with sound ones', async () => {
    const damaged = new Map(blocks);
    const { get, asked } = counting();
    await (await openErisReader(capability, get)).read(0, 1);
    const firstLeaf = asked.at(-1) ?? '';
    damaged.set(firstLeaf, new Uint8Array(1024));
    const reader = await openErisReader(capability, getFrom(damaged));
    await expect(reader.read(0, 1)).rejects.toMatchObject({ code: 'E_ERIS_BLOCK_HASH' });
    expect((await reader.read(1024, 10)).length).toBe(10);
  });
});
