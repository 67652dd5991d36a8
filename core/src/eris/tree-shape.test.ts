import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockSize, ReadCapability } from './capability.ts';
import { ErisEncoder } from './encode.ts';
import { expectedLevel, leafCount, packBlockCount, packSize, shapeOf, treeShape } from './tree-shape.ts';

const KiB = 1024;
const MiB = KiB ** 2;
const GiB = KiB ** 3;

describe('the shape of a tree', () => {
  it.each<[BlockSize, number[]]>([
    [1024, [KiB, 16 * KiB, 256 * KiB, 4 * MiB, 64 * MiB, GiB]],
    [32768, [32 * KiB, 16 * MiB, 8 * GiB, 4 * 1024 * GiB]],
  ])('in blocks of %i grows a level exactly at its boundary', (blockSize, boundaries) => {
    boundaries.forEach((boundary, level) => {
      expect(expectedLevel(boundary - 1, blockSize)).toBe(level);
      expect(expectedLevel(boundary, blockSize)).toBe(level + 1);
    });
  });

  it('gives every content at least the leaf that holds its padding', () => {
    expect([0, 1023, 1024, 1025].map((length) => leafCount(length, 1024))).toEqual([1, 1, 2, 2]);
  });

  it('counts the blocks that the encoder makes, level by level', () => {
    fc.assert(
      fc.property(fc.nat(20_000), (length) => {
        const counts: number[] = [];
        const encoder = new ErisEncoder({
          blockSize: 1024,
          onBlock: ({ level }) => (counts[level] = (counts[level] ?? 0) + 1),
        });
        encoder.update(new Uint8Array(length));
        const { level } = encoder.finish();
        expect(treeShape(length, 1024)).toMatchObject({ level, counts });
        expect(packBlockCount(length, 1024)).toBe(counts.reduce((sum, count) => sum + count, 0));
      }),
      { numRuns: 30 },
    );
  });

  it('tells the size of a pack before anything was fetched', () => {
    expect(packSize(0, 1024)).toBe(1024);
    expect(packSize(16 * MiB, 32768)).toBe((1 + 2 + 513) * 32768);
  });
});

describe('a size and a capability', () => {
  const capability = (blockSize: BlockSize, level: number): ReadCapability => ({
    blockSize,
    level,
    rootReference: new Uint8Array(32),
    rootKey: new Uint8Array(32),
  });

  it('belong together only when the size calls for that many levels', () => {
    expect(shapeOf(capability(1024, 1), 1024).ok).toBe(true);
    expect(shapeOf(capability(1024, 1), 16 * KiB - 1).ok).toBe(true);
    for (const size of [0, 1023, 16 * KiB, 2 ** 53 - 1]) {
      const result = shapeOf(capability(1024, 1), size);
      expect(result.ok ? 'accepted' : result.error.message).toContain('1024 to 16383');
    }
  });

  it.each([-1, 1.5, Number.NaN, Infinity, 2 ** 53])('are refused when the size is %f', (size) => {
    const result = shapeOf(capability(1024, 0), size);
    expect(result.ok ? 'accepted' : result.error.code).toBe('E_ERIS_SIZE');
  });

  it('are refused when the level is above the cap', () => {
    const result = shapeOf(capability(32768, 5), 2 ** 53 - 1);
    expect(result.ok ? 'accepted' : result.error.code).toBe('E_ERIS_LEVEL');
  });
});
