import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { isAssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { collect, getFrom, someBytes, toArray } from './block-map.fixture.ts';
import type { BlockSize, ReadCapability } from './capability.ts';
import { decodeContent, decodeStream, type DecodeOptions, type GetBlock } from './decode.ts';
import { encodeContent } from './encode.ts';
import { nobleKernel, type BlockKernel } from './kernel.ts';

type Options = DecodeOptions & { readonly maxBytes?: number };

async function outcome(capability: ReadCapability, get: GetBlock, options?: Options): Promise<string> {
  const result = await decodeContent(capability, get, options);
  return result.ok ? 'accepted' : result.error.code;
}

async function streamOutcome(capability: ReadCapability, get: GetBlock, size: number): Promise<string> {
  try {
    await collect(decodeStream(capability, get, { size }));
    return 'accepted';
  } catch (error) {
    return isAssayError(error) ? error.code : String(error);
  }
}

describe('decoding', { timeout: 30_000 }, () => {
  it('gives back what was encoded, in either block size, public or secret, with its size known or not', async () => {
    const input = fc.record({
      content: fc.uint8Array({ maxLength: 40_000, size: 'max' }),
      blockSize: fc.constantFrom<BlockSize>(1024, 32768),
      secret: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ content, blockSize, secret }) => {
        const { capability, blocks } = encodeContent(content, { blockSize, secret });
        const get = getFrom(blocks);
        const options = { size: content.length, convergent: secret === undefined };
        expect(equalBytes(unwrap(await decodeContent(capability, get)), content)).toBe(true);
        expect(equalBytes(unwrap(await decodeContent(capability, get, options)), content)).toBe(true);
        expect(equalBytes(await collect(decodeStream(capability, get, options)), content)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('refuses every block with a bit flipped, cut off or put in the place of another', async () => {
    const { capability, blocks } = encodeContent(someBytes(20_000), { blockSize: 1024 });
    const names = [...blocks.keys()];
    const damage = fc.record({
      victim: fc.constantFrom(...names),
      other: fc.constantFrom(...names),
      bit: fc.nat(1024 * 8 - 1),
      kind: fc.constantFrom('flip', 'cut', 'swap', 'lengthen'),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ victim, other, bit, kind }) => {
        fc.pre(kind !== 'swap' || victim !== other);
        const damaged = new Map(blocks).set(victim, damagedBlock(blocks, { victim, other, bit, kind }));
        expect(await outcome(capability, getFrom(damaged))).toMatch(/^E_ERIS_BLOCK_(HASH|LENGTH)$/);
        expect(await streamOutcome(capability, getFrom(damaged), 20_000)).toMatch(/^E_ERIS_BLOCK/);
      }),
      { numRuns: 60 },
    );
  });

  it('says which block is missing', async () => {
    const { capability, blocks } = encodeContent(someBytes(3000), { blockSize: 1024 });
    for (const name of blocks.keys()) {
      const rest = new Map(blocks);
      rest.delete(name);
      expect(await outcome(capability, getFrom(rest))).toBe('E_ERIS_BLOCK_MISSING');
    }
  });

  it('passes on what the block source rejects with', async () => {
    const { capability } = encodeContent(someBytes(3000), { blockSize: 1024 });
    const broken: GetBlock = () => Promise.reject(new Error('disk on fire'));
    await expect(decodeContent(capability, broken)).rejects.toThrow('disk on fire');
    await expect(collect(decodeStream(capability, broken))).rejects.toThrow('disk on fire');
  });

  it('refuses a changed key, and a changed level, wherever the tree has nodes', async () => {
    const { capability, blocks } = encodeContent(someBytes(3000), { blockSize: 1024 });
    const rootKey = capability.rootKey.map((byte, index) => (index === 9 ? byte ^ 1 : byte));
    expect(await outcome({ ...capability, rootKey }, getFrom(blocks))).toBe('E_ERIS_KEY');
    expect(await outcome({ ...capability, level: 2 }, getFrom(blocks))).toBe('E_ERIS_KEY');
  });
});

describe('a content of a single block', () => {
  const { capability, blocks } = encodeContent(utf8('Hello world!'));
  /** Finds a wrong key under which the block happens to end in valid padding: about one in 130 does. */
  const luckyKey = Array.from({ length: 5000 }, (_, n) => nobleKernel.keyOf(Uint8Array.of(n, n >> 8))).find(
    (rootKey) => {
      const leaf = nobleKernel.decrypt(loneBlock(blocks), rootKey, 0);
      return leaf.findLast((byte) => byte !== 0) === 0x80;
    },
  );

  it('can be decoded with a wrong key by ERIS alone, never when it is known to be public', async () => {
    if (luckyKey === undefined) throw new Error('No such key among 5000');
    const forged = { ...capability, rootKey: luckyKey };
    expect(await outcome(forged, getFrom(blocks))).toBe('accepted');
    expect(await outcome(forged, getFrom(blocks), { convergent: true })).toBe('E_ERIS_KEY');
    expect(await outcome(capability, getFrom(blocks), { convergent: true })).toBe('accepted');
  });
});

describe('a size that is known', () => {
  const content = someBytes(3000);
  const { capability, blocks } = encodeContent(content, { blockSize: 1024 });

  it.each([2999, 3001, 2047, 3072])('must be met exactly: %i instead of 3000', async (size) => {
    expect(await outcome(capability, getFrom(blocks), { size })).toMatch(/^E_ERIS_(SIZE|SHAPE)$/);
    expect(await streamOutcome(capability, getFrom(blocks), size)).toMatch(/^E_ERIS_(SIZE|SHAPE|PADDING)$/);
  });

  it('that needs another tree is refused before anything is fetched', async () => {
    let fetched = 0;
    const get: GetBlock = async () => void fetched++;
    for (const size of [0, 1023, 16_384, 2 ** 53 - 1]) {
      expect(await streamOutcome(capability, get, size)).toBe('E_ERIS_SIZE');
      expect(await outcome(capability, get, { size, maxBytes: 2 ** 53 })).toBe('E_ERIS_SIZE');
    }
    expect(fetched).toBe(0);
  });

  it('lets a stream fetch each block once, in order', async () => {
    const asked: string[] = [];
    const get: GetBlock = (reference) => {
      asked.push(toHex(reference));
      return getFrom(blocks)(reference);
    };
    await collect(decodeStream(capability, get, { size: content.length }));
    expect(asked.length).toBe(4);
    expect(new Set(asked).size).toBe(4);
    expect(asked[0]).toBe(toHex(capability.rootReference));
  });
});

describe('a stream', () => {
  it('releases the last leaf only after its padding was checked', async () => {
    const { capability, blocks } = encodeContent(someBytes(2500), { blockSize: 1024 });
    const lying = spoiltLeaf(nobleKernel, (leaf) => leaf.findLast((byte) => byte !== 0) === 0x80);
    const released: number[] = [];
    const read = async (): Promise<void> => {
      const stream = decodeStream(capability, getFrom(blocks), { size: 2500, kernel: lying });
      for await (const chunk of stream) released.push(chunk.length);
    };
    await expect(read()).rejects.toMatchObject({ code: 'E_ERIS_PADDING' });
    expect(released).toEqual([1024, 1024]);
  });

  it('of an empty content has no chunk', async () => {
    const { capability, blocks } = encodeContent(new Uint8Array());
    const chunks = await toArray(decodeStream(capability, getFrom(blocks)));
    expect(chunks).toEqual([]);
  });
});

it('content above the memory limit is refused, by its announced size or by its proven one', async () => {
  const { capability, blocks } = encodeContent(someBytes(3000), { blockSize: 1024 });
  const get = getFrom(blocks);
  expect(await outcome(capability, get, { maxBytes: 3000 })).toBe('accepted');
  expect(await outcome(capability, get, { maxBytes: 2999 })).toBe('E_ERIS_TOO_LARGE');
  const nothing: GetBlock = () => Promise.reject(new Error('Nothing should be fetched'));
  expect(await outcome(capability, nothing, { maxBytes: 2999, size: 3000 })).toBe('E_ERIS_TOO_LARGE');
});

function damagedBlock(
  blocks: ReadonlyMap<string, Uint8Array>,
  { victim, other, bit, kind }: { victim: string; other: string; bit: number; kind: string },
): Uint8Array {
  const block = blocks.get(victim) ?? new Uint8Array();
  if (kind === 'swap') return blocks.get(other) ?? new Uint8Array();
  if (kind === 'cut') return block.subarray(0, bit >> 3);
  if (kind === 'lengthen') return Uint8Array.of(...block, 0);
  return block.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
}

function loneBlock(blocks: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [block] = blocks.values();
  if (block === undefined) throw new Error('No block');
  return block;
}

/** A kernel whose decrypted leaves lose their padding where `which` says so. */
function spoiltLeaf(kernel: BlockKernel, which: (leaf: Uint8Array) => boolean): BlockKernel {
  return {
    ...kernel,
    decrypt(block, key, level) {
      const plain = kernel.decrypt(block, key, level);
      return level === 0 && which(plain) ? plain.fill(0) : plain;
    },
  };
}
