import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { someBytes, toArray } from './block-map.fixture.ts';
import { toUrn } from './capability.ts';
import { decodeContent } from './decode.ts';
import { encodeContent } from './encode.ts';
import { nobleKernel } from './kernel.ts';
import { getFromPack, indexBlocks, indexPack, type ReadPackBlock } from './pack-index.ts';
import { createPackPlan } from './pack-plan.ts';
import { buildPack, type Pack } from './pack.ts';
import { packBlockCount } from './tree-shape.ts';

const options = { blockSize: 1024 } as const;
const repetitive = fc
  .tuple(fc.array(fc.constantFrom(0, 0, 1), { maxLength: 60 }), fc.nat(1023))
  .map(([kinds, rest]) =>
    Uint8Array.from({ length: kinds.length * 1024 + rest }, (_, i) => kinds[i >> 10] ?? 0),
  );
const contents = fc.oneof(repetitive, fc.nat(60_000).map(someBytes));

async function blocksOf(pack: Pack): Promise<Uint8Array[]> {
  return toArray(pack.blocks());
}

function inPieces(content: Uint8Array, piece: number): () => AsyncGenerator<Uint8Array, void, undefined> {
  return async function* () {
    for (let at = 0; at < content.length; at += piece) yield content.subarray(at, at + piece);
  };
}

function reading(blocks: readonly Uint8Array[]): ReadPackBlock {
  return async (index) => blocks[index];
}

describe('a pack', { timeout: 30_000 }, () => {
  it('holds the distinct blocks of its content in the order of the plan', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        const pack = await buildPack(content, options);
        const encoded = encodeContent(content, options);
        expect(toUrn(pack.capability)).toBe(toUrn(encoded.capability));
        expect(pack.contentLength).toBe(content.length);
        const blocks = await blocksOf(pack);
        expect(blocks.length).toBe(pack.blockCount);
        expect(pack.blockCount).toBe(encoded.blocks.size);
        const plan = unwrap(createPackPlan(pack.capability, content.length));
        blocks.forEach((block, index) => unwrap(plan.accept(index, block)));
        expect(plan.complete).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('is the same from a stream in pieces as from memory', async () => {
    const content = someBytes(20_000);
    const fromMemory = await blocksOf(await buildPack(content, options));
    for (const piece of [1, 777, 1024, 20_000]) {
      const streamed = await blocksOf(await buildPack(inPieces(content, piece), options));
      expect(streamed.map(toHex)).toEqual(fromMemory.map(toHex));
    }
  });

  it('of content without repetition has exactly as many blocks as its length says', async () => {
    const pack = await buildPack(someBytes(60_000), options);
    expect(pack.blockCount).toBe(packBlockCount(60_000, 1024));
  });

  it('under a secret differs from the public one, and can be written twice', async () => {
    const secret = new Uint8Array(32).fill(1);
    const pack = await buildPack(someBytes(5000), { ...options, secret });
    const twice = [await blocksOf(pack), await blocksOf(pack)];
    expect(twice[0]).toEqual(twice[1]);
    const blocks = encodeContent(someBytes(5000), { ...options, secret }).blocks;
    for (const block of twice[0] ?? []) expect(blocks.has(toHex(nobleKernel.referenceOf(block)))).toBe(true);
  });

  it.each([
    ['a byte changes', (content: Uint8Array) => content.fill(9, 3000, 3001)],
    ['the end is cut off', (content: Uint8Array) => content.subarray(0, 2000)],
    ['something is appended', (content: Uint8Array) => Uint8Array.of(...content, 1)],
  ])('is not finished when %s between the two readings', async (_, change) => {
    let content = someBytes(5000);
    const pack = await buildPack(() => inPieces(content, 512)(), options);
    content = change(content.slice());
    await expect(blocksOf(pack)).rejects.toMatchObject({ code: 'E_ERIS_CONTENT_CHANGED' });
  });

  it('is not finished when the end is cut off where leaves repeat', async () => {
    let length = 5000;
    const pack = await buildPack(() => inPieces(new Uint8Array(length), 512)(), options);
    length = 2000;
    await expect(blocksOf(pack)).rejects.toMatchObject({ code: 'E_ERIS_CONTENT_CHANGED' });
  });
});

describe('the index of a pack', { timeout: 30_000 }, () => {
  it('finds every block, reading only the nodes, and makes the pack decodable', async () => {
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        const pack = await buildPack(content, options);
        const blocks = await blocksOf(pack);
        const read: number[] = [];
        const index = unwrap(
          await indexPack(pack.capability, content.length, async (at) => {
            read.push(at);
            return blocks[at];
          }),
        );
        expect(index.size).toBe(blocks.length);
        blocks.forEach((block, at) => expect(index.get(toHex(nobleKernel.referenceOf(block)))).toBe(at));
        expect(read.length).toBeLessThan(Math.max(1, index.size));
        const get = getFromPack(index, reading(blocks));
        expect(equalBytes(unwrap(await decodeContent(pack.capability, get)), content)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('is the same when every block is hashed because the size is not known', async () => {
    const pack = await buildPack(someBytes(30_000), options);
    const blocks = await blocksOf(pack);
    const byPlan = unwrap(await indexPack(pack.capability, 30_000, reading(blocks)));
    const byHash = unwrap(await indexBlocks(1024, blocks.length, reading(blocks)));
    expect(byHash).toEqual(byPlan);
  });

  it('is refused when a node is damaged, missing or out of its place', async () => {
    const pack = await buildPack(someBytes(30_000), options);
    const blocks = await blocksOf(pack);
    const code = async (stored: Uint8Array[]): Promise<string> => {
      const result = await indexPack(pack.capability, 30_000, reading(stored));
      return result.ok ? 'accepted' : result.error.code;
    };
    expect(await code(blocks)).toBe('accepted');
    expect(await code(blocks.with(1, new Uint8Array(1024)))).toBe('E_ERIS_BLOCK_HASH');
    expect(await code(blocks.with(0, new Uint8Array(10)))).toBe('E_ERIS_BLOCK_LENGTH');
    expect(await code(blocks.slice(0, 1))).toBe('E_ERIS_BLOCK_MISSING');
    expect(await code(blocks.toReversed())).toBe('E_ERIS_BLOCK_HASH');
  });

  it('by hash is refused when the file is shorter than said', async () => {
    const whole = new Uint8Array(1024);
    for (const blocks of [[whole], [whole, whole.subarray(1)]]) {
      const result = await indexBlocks(1024, 2, reading(blocks));
      expect(result.ok ? 'accepted' : result.error.code).toBe('E_ERIS_BLOCK_LENGTH');
    }
  });
});
