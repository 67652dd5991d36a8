import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../encoding/hex.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { someBytes } from './block-map.fixture.ts';
import { countPairs, pairAt, type ReferenceKeyPair } from './block.ts';
import { encodeContent, type EncodedContent } from './encode.ts';
import { nobleKernel, type BlockKernel } from './kernel.ts';
import { createPackPlan, type PackPlan } from './pack-plan.ts';
import { packBlockCount } from './tree-shape.ts';

/** A content of whole leaves out of a small stock, so that leaves and nodes repeat. */
const repetitive = fc
  .tuple(fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: 70 }), fc.nat(1023))
  .map(([kinds, rest]) =>
    Uint8Array.from({ length: kinds.length * 1024 + rest }, (_, i) => kinds[i >> 10] ?? 0),
  );
const contents = fc.oneof(repetitive, fc.nat(70_000).map(someBytes));

/** References in pack order by another way than the plan's: level by level over all positions, then distinct. */
function packOrder({ capability, blocks }: EncodedContent): string[] {
  let level: ReferenceKeyPair[] = [{ reference: capability.rootReference, key: capability.rootKey }];
  const all: ReferenceKeyPair[] = [...level];
  for (let height = capability.level; height > 0; height--) {
    level = level.flatMap(({ reference, key }) => {
      const block = blocks.get(toHex(reference)) ?? new Uint8Array();
      const node = nobleKernel.decrypt(block, key, height);
      return Array.from({ length: countPairs(node) }, (_, i) => pairAt(node, i));
    });
    all.push(...level);
  }
  return [...new Set(all.map(({ reference }) => toHex(reference)))];
}

function knownTo(plan: PackPlan): string[] {
  return plan.known().map(({ reference }) => toHex(reference));
}

function blockFor(encoded: EncodedContent, plan: PackPlan, index: number): Uint8Array {
  return encoded.blocks.get(knownTo(plan)[index] ?? '') ?? new Uint8Array();
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.error.code;
}

describe('a pack plan', { timeout: 30_000 }, () => {
  it('numbers the distinct blocks the same in whatever order they arrive', () => {
    fc.assert(
      fc.property(contents, fc.infiniteStream(fc.nat()), (content, choices) => {
        const encoded = encodeContent(content, { blockSize: 1024 });
        const order = packOrder(encoded);
        const plan = unwrap(createPackPlan(encoded.capability, content.length));
        while (!plan.complete) {
          const open = plan.known().filter(({ index }) => !plan.has(index));
          const slot = open[(choices.next().value ?? 0) % open.length];
          if (slot === undefined) throw new Error('An incomplete plan has something to ask for');
          const before = plan.known().length;
          const { newlyKnown } = unwrap(plan.accept(slot.index, blockFor(encoded, plan, slot.index)));
          expect(plan.known().length).toBe(before + newlyKnown);
          expect(knownTo(plan)).toEqual(order.slice(0, before + newlyKnown));
        }
        expect(knownTo(plan)).toEqual(order);
        expect([plan.total, plan.accepted]).toEqual([order.length, order.length]);
        expect(order.length).toBe(encoded.blocks.size);
        expect(order.length).toBeLessThanOrEqual(packBlockCount(content.length, 1024));
        plan.known().forEach(({ index }, i) => expect(index).toBe(i));
      }),
      { numRuns: 60 },
    );
  });

  it('knows its total only when all nodes are in', () => {
    const encoded = encodeContent(someBytes(40 * 1024), { blockSize: 1024 });
    const plan = unwrap(createPackPlan(encoded.capability, 40 * 1024));
    for (const index of [0, 1, 3, 2]) {
      expect(plan.total).toBe(undefined);
      unwrap(plan.accept(index, blockFor(encoded, plan, index)));
    }
    expect(plan.total).toBe(1 + 3 + 41);
    expect(plan.complete).toBe(false);
  });

  it('of a single block is known at once', () => {
    const encoded = encodeContent(new Uint8Array());
    const plan = unwrap(createPackPlan(encoded.capability, 0));
    expect([plan.total, plan.complete]).toEqual([1, false]);
    expect(unwrap(plan.accept(0, blockFor(encoded, plan, 0)))).toEqual({ newlyKnown: 0 });
    expect(plan.complete).toBe(true);
  });

  it('takes no block of another hash or size, blames its sender, and stays as it was', () => {
    const encoded = encodeContent(someBytes(20_000), { blockSize: 1024 });
    const plan = unwrap(createPackPlan(encoded.capability, 20_000));
    const root = blockFor(encoded, plan, 0);
    const wrong = fc.oneof(
      fc.uint8Array({ maxLength: 1100 }),
      fc.nat(8191).map((bit) => root.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))),
    );
    fc.assert(
      fc.property(wrong, (block) => {
        expect(codeOf(plan.accept(0, block))).toMatch(/^E_ERIS_BLOCK_(HASH|LENGTH)$/);
        expect([plan.accepted, plan.known().length, plan.has(0)]).toEqual([0, 1, false]);
      }),
    );
    expect(codeOf(plan.accept(0, root))).toBe('accepted');
    expect(codeOf(plan.accept(0, new Uint8Array(1024)))).toBe('E_ERIS_BLOCK_HASH');
    expect(unwrap(plan.accept(0, root))).toEqual({ newlyKnown: 0 });
    expect(plan.accepted).toBe(1);
  });

  it('opens a node once, however often it comes', () => {
    const encoded = encodeContent(someBytes(3000), { blockSize: 1024 });
    const opened: number[] = [];
    const kernel: BlockKernel = {
      ...nobleKernel,
      decrypt(block, key, level) {
        opened.push(level);
        return nobleKernel.decrypt(block, key, level);
      },
    };
    const plan = unwrap(createPackPlan(encoded.capability, 3000, kernel));
    for (const index of [0, 0, 1, 1]) unwrap(plan.accept(index, blockFor(encoded, plan, index)));
    expect(opened).toEqual([1]);
  });

  it('blames the capability, not the sender, for a wrong key', () => {
    const encoded = encodeContent(someBytes(3000), { blockSize: 1024 });
    const forged = { ...encoded.capability, rootKey: new Uint8Array(32) };
    const plan = unwrap(createPackPlan(forged, 3000));
    expect(codeOf(plan.accept(0, blockFor(encoded, plan, 0)))).toBe('E_ERIS_KEY');
    expect(plan.accepted).toBe(0);
  });

  it.each([1, -1, 0.5, Number.NaN, 2 ** 40])('knows no block %f before the root came', (index) => {
    const { capability } = encodeContent(someBytes(3000), { blockSize: 1024 });
    const plan = unwrap(createPackPlan(capability, 3000));
    expect(codeOf(plan.accept(index, new Uint8Array(1024)))).toBe('E_ERIS_BLOCK_UNKNOWN');
    expect(codeOf(plan.markStored(index))).toBe('E_ERIS_BLOCK_UNKNOWN');
  });

  it('can be resumed: nodes are given again, stored leaves are only marked', () => {
    const encoded = encodeContent(someBytes(3000), { blockSize: 1024 });
    const plan = unwrap(createPackPlan(encoded.capability, 3000));
    expect(codeOf(plan.markStored(0))).toBe('E_ERIS_BLOCK_UNKNOWN');
    unwrap(plan.accept(0, blockFor(encoded, plan, 0)));
    for (const index of [1, 2, 2]) unwrap(plan.markStored(index));
    expect([plan.accepted, plan.complete]).toEqual([3, false]);
    unwrap(plan.accept(3, blockFor(encoded, plan, 3)));
    expect(plan.complete).toBe(true);
  });

  it('refuses a size that the capability cannot have, at once', () => {
    const { capability } = encodeContent(someBytes(3000), { blockSize: 1024 });
    for (const size of [0, 16_384, 2 ** 53 - 1, -5, Number.NaN]) {
      expect(codeOf(createPackPlan(capability, size))).toBe('E_ERIS_SIZE');
    }
    expect(codeOf(createPackPlan({ ...capability, level: 9 }, 2 ** 53 - 1))).toBe('E_ERIS_LEVEL');
  });
});
