import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../encoding/hex.ts';
import { CompactRange, emptyRoot, leafHash, nodeHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import {
  c2spLog,
  filesBelow,
  hash,
  hashes,
  merkleVectors,
  readJson,
  readLogVectors,
} from './vectors.fixture.ts';

interface MerkleInclusion {
  leafIdx: number;
  treeSize: number;
  leafHash: string;
  root: string;
  proof: string[] | null;
  wantErr: boolean;
}

interface MerkleConsistency {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
}

describe.skipIf(!merkleVectors)('the transparency-dev/merkle vectors (skipped where they are absent)', () => {
  const load = (kind: string) =>
    filesBelow(join(merkleVectors ?? '', kind)).map((file) =>
      readJson(join(merkleVectors ?? '', kind, file)),
    );

  it('verify exactly 6 inclusion proofs, those that should', () => {
    const cases = load('inclusion') as MerkleInclusion[];
    const verdicts = cases.map((c) => inclusion(c).ok);
    expect(cases).toHaveLength(98);
    expect(verdicts).toEqual(cases.map((c) => !c.wantErr));
    expect(verdicts.filter(Boolean)).toHaveLength(6);
  });

  it('verify exactly 6 consistency proofs, those that should', () => {
    const cases = load('consistency') as MerkleConsistency[];
    const verdicts = cases.map((c) => consistency(c).ok);
    expect(cases).toHaveLength(98);
    expect(verdicts).toEqual(cases.map((c) => !c.wantErr));
    expect(verdicts.filter(Boolean)).toHaveLength(6);
  });

  function inclusion(c: MerkleInclusion) {
    return verifyInclusion(hash(c.leafHash), c.leafIdx, c.treeSize, hashes(c.proof), hash(c.root));
  }

  function consistency(c: MerkleConsistency) {
    return verifyConsistency(c.size1, c.size2, hash(c.root1), hash(c.root2), hashes(c.proof));
  }
});

describe.skipIf(!c2spLog)('the vectors of an independent log (skipped where they are absent)', () => {
  const logs: [string, number, number][] = [
    ['.', 643, 1089],
    ['log1000', 563, 841],
  ];

  it.each(logs)(
    '%s: %i inclusion and %i consistency verdicts are the same',
    (folder, inclusions, consistencies) => {
      const { inclusion, consistency } = readLogVectors(join(c2spLog ?? '', folder));
      expect(inclusion).toHaveLength(inclusions);
      expect(consistency).toHaveLength(consistencies);
      for (const c of inclusion) {
        const verdict = verifyInclusion(hash(c.leafHash), c.index, c.size, hashes(c.proof), hash(c.root));
        expect(verdict.ok, JSON.stringify(c)).toBe(c.ok);
      }
      for (const c of consistency) {
        const verdict = verifyConsistency(c.size1, c.size2, hash(c.root1), hash(c.root2), hashes(c.proof));
        expect(verdict.ok, JSON.stringify(c)).toBe(c.ok);
      }
    },
  );
});

describe('CompactRange', () => {
  it('starts with the root of the empty tree', () => {
    expect(toHex(emptyRoot)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(CompactRange.of().root()).toEqual(emptyRoot);
  });

  it('has the root that RFC 6962 defines by recursion, at every size', () => {
    const leaves = Array.from({ length: 70 }, (_, i) => leafHash(Uint8Array.of(i)));
    const range = CompactRange.of();
    for (const [i, leaf] of leaves.entries()) {
      range.append(leaf);
      expect(range.size).toBe(i + 1);
      expect(range.root()).toEqual(recursiveRoot(leaves.slice(0, i + 1)));
    }
  });

  it('tells of each node that an append completes, from the leaf upward', () => {
    const range = CompactRange.of();
    const [a, b, c, d] = [1, 2, 3, 4].map((i) => leafHash(Uint8Array.of(i))) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    for (const leaf of [a, b, c]) range.append(leaf);
    const heard: [number, Uint8Array][] = [];
    range.appendAll([d], (height, nodes) => nodes.forEach((node) => heard.push([height, node])));
    const right = nodeHash(c, d);
    expect(heard).toEqual([
      [0, d],
      [1, right],
      [2, nodeHash(nodeHash(a, b), right)],
    ]);
  });

  it('becomes the same by many leaves at once as by one after the other', () => {
    const leaf = (i: number): Uint8Array => leafHash(Uint8Array.of(i & 0xff));
    for (const [before, count] of [0, 1, 5, 8, 255, 256].flatMap((b) =>
      [0, 1, 2, 3, 7, 256, 300].map((c) => [b, c] as const),
    )) {
      const [single, joint] = [CompactRange.of(), CompactRange.of()];
      for (let i = 0; i < before + count; i++) single.append(leaf(i));
      joint.appendAll(Array.from({ length: before }, (_, i) => leaf(i)));
      joint.appendAll(Array.from({ length: count }, (_, i) => leaf(before + i)));
      expect([joint.size, joint.hashes]).toEqual([single.size, single.hashes]);
    }
  });

  it('goes on from kept hashes as if it had never stopped, without touching them', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (before, after) => {
        const whole = CompactRange.of();
        for (let i = 0; i < before; i++) whole.append(leafHash(Uint8Array.of(i & 0xff)));
        const kept = [...whole.hashes];
        const resumed = CompactRange.of(kept, before);
        const copy = resumed.clone();
        for (let i = 0; i < after; i++) {
          whole.append(leafHash(Uint8Array.of(i & 0xff)));
          resumed.append(leafHash(Uint8Array.of(i & 0xff)));
        }
        expect(resumed.root()).toEqual(whole.root());
        expect(copy.hashes).toEqual(kept);
        expect(copy.size).toBe(before);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [[], 1],
    [[emptyRoot], 0],
    [[emptyRoot], 3],
    [[emptyRoot.subarray(1)], 1],
    [[emptyRoot], 2 ** 53],
    [[emptyRoot], -1],
    [[emptyRoot], 0.5],
  ])('refuses hashes that do not fit the size (case %#)', (kept, size) => {
    expect(() => CompactRange.of(kept, size)).toThrow(expect.objectContaining({ code: 'E_TREE_SHAPE' }));
  });

  it('counts beyond 32 bits', () => {
    const range = CompactRange.of([emptyRoot], 2 ** 40);
    range.append(leafHash(Uint8Array.of(1)));
    expect(range.size).toBe(2 ** 40 + 1);
    expect(range.root()).toEqual(nodeHash(emptyRoot, leafHash(Uint8Array.of(1))));
  });
});

describe('a proof by the definitions of RFC 6962', () => {
  const size = fc.integer({ min: 1, max: 70 });

  it('verifies, and with any one bit changed, a hash more or a hash less it does not (inclusion)', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, anyIndex, bit) => {
        const index = anyIndex % n;
        const leaves = leavesOf(n);
        const whole = [
          leafHash(Uint8Array.of(index)),
          recursiveRoot(leaves),
          ...recursivePath(index, leaves),
        ];
        const check = ([leaf, root, ...proof]: Uint8Array[]) =>
          verifyInclusion(leaf ?? emptyRoot, index, n, proof, root ?? emptyRoot).ok;
        expect(check(whole)).toBe(true);
        expect(check(flipBit(whole, bit))).toBe(false);
        expect(check([...whole, emptyRoot])).toBe(false);
        if (n > 1) expect(check(whole.slice(0, -1))).toBe(false);
      }),
    );
  });

  it('verifies, and with any one bit changed, a hash more or a hash less it does not (consistency)', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (n, any, bit) => {
        const size1 = 1 + (any % n);
        const leaves = leavesOf(n);
        const root1 = recursiveRoot(leaves.slice(0, size1));
        const whole = [root1, recursiveRoot(leaves), ...recursiveProof(size1, leaves, true)];
        const check = ([first, second, ...proof]: Uint8Array[]) =>
          verifyConsistency(size1, n, first ?? emptyRoot, second ?? emptyRoot, proof).ok;
        expect(check(whole)).toBe(true);
        expect(check(flipBit(whole, bit))).toBe(false);
        expect(check([...whole, emptyRoot])).toBe(false);
        if (size1 < n) expect(check(whole.slice(0, -1))).toBe(false);
      }),
    );
  });

  it('is not lengthened beyond what the size allows, even when the hashes add up to the root', () => {
    const [a, b, c, d] = leavesOf(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    expect(verifyInclusion(b, 0, 1, [a], nodeHash(a, b)).ok).toBe(false);

    const root3 = nodeHash(nodeHash(a, b), c);
    const root4 = nodeHash(nodeHash(a, b), nodeHash(c, d));
    const proof = [c, d, nodeHash(a, b)];
    expect(verifyConsistency(3, 4, root3, root4, proof).ok).toBe(true);
    expect(verifyConsistency(3, 4, nodeHash(d, root3), nodeHash(d, root4), [...proof, d]).ok).toBe(false);
  });
});

describe('proofs with numbers that are no counts', () => {
  const leaf = leafHash(Uint8Array.of(1));

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53])('are refused: %d', (bad) => {
    expect(verifyInclusion(leaf, bad, 1, [], leaf).ok).toBe(false);
    expect(verifyInclusion(leaf, 0, bad, [], leaf).ok).toBe(false);
    expect(verifyConsistency(bad, 1, leaf, leaf, []).ok).toBe(false);
    expect(verifyConsistency(1, bad, leaf, leaf, []).ok).toBe(false);
    expect(verifyConsistency(bad, bad, leaf, leaf, []).ok).toBe(false);
  });
});

function recursiveRoot(leaves: Uint8Array[]): Uint8Array {
  const [first = emptyRoot] = leaves;
  if (leaves.length <= 1) return first;
  const k = split(leaves.length);
  return nodeHash(recursiveRoot(leaves.slice(0, k)), recursiveRoot(leaves.slice(k)));
}

function recursivePath(index: number, leaves: Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return index < k
    ? [...recursivePath(index, left), recursiveRoot(right)]
    : [...recursivePath(index - k, right), recursiveRoot(left)];
}

function recursiveProof(size1: number, leaves: Uint8Array[], isKnown: boolean): Uint8Array[] {
  if (size1 === leaves.length) return isKnown ? [] : [recursiveRoot(leaves)];
  const k = split(leaves.length);
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
  return size1 <= k
    ? [...recursiveProof(size1, left, isKnown), recursiveRoot(right)]
    : [...recursiveProof(size1 - k, right, false), recursiveRoot(left)];
}

function split(count: number): number {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
}

function leavesOf(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i)));
}

/** The hashes with one of all their bits changed. */
function flipBit(hashes: readonly Uint8Array[], anyBit: number): Uint8Array[] {
  const bit = anyBit % (hashes.length * 256);
  return hashes.map((bytes, i) =>
    bytes.map((byte, j) => (i * 32 + j === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte)),
  );
}
