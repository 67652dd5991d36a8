import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { MAX_TRIE_STEPS, trieLeafHash, verifyTrieProof, type TrieProof } from './trie-proof.ts';
import { Trie, type TrieValue } from './trie.ts';

const value = (n: number): TrieValue => ({ digest: sha256(utf8(`value ${n}`)) });
/** Keys that share long beginnings as well as keys that share none. */
const anyKey = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => {
    const key = new Uint8Array(32);
    key[15] = a;
    key[31] = b;
    return key;
  }),
);
const anyKeys = fc.uniqueArray(anyKey, { maxLength: 40, selector: toHex });
const trieOf = (keys: readonly Uint8Array[]) =>
  keys.reduce((trie, key) => trie.set(key, { digest: sha256(key) }), Trie.empty<TrieValue>());
const shuffled = <T>(list: readonly T[], order: readonly number[]) =>
  list
    .map((item, i) => ({ item, rank: order[i] ?? 0 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);

/** Every copy of a proof with one bit of it turned over, one step less, or one step twice. */
function* mutations(proof: TrieProof): Generator<TrieProof> {
  const flip = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  const { steps, leaf } = proof;
  for (const [i, step] of steps.entries()) {
    for (let bit = 0; bit < 256; bit += 37)
      yield { ...proof, steps: steps.with(i, { ...step, hash: flip(step.hash, bit) }) };
    for (const depth of [step.depth - 1, step.depth + 1, step.depth + 0.5, MAX_TRIE_STEPS])
      yield { ...proof, steps: steps.with(i, { ...step, depth }) };
    yield { ...proof, steps: steps.with(i, { ...step, hash: step.hash.slice(1) }) };
    yield { ...proof, steps: steps.toSpliced(i, 1) };
    yield { ...proof, steps: steps.toSpliced(i, 0, step) };
  }
  if (leaf === undefined) return;
  for (let bit = 0; bit < 256; bit += 17) {
    yield { ...proof, leaf: { ...leaf, key: flip(leaf.key, bit) } };
    yield { ...proof, leaf: { ...leaf, value: flip(leaf.value, bit) } };
  }
  yield { ...proof, leaf: { ...leaf, value: leaf.value.slice(1) } };
  yield { ...proof, leaf: { ...leaf, key: leaf.key.slice(1) } };
  yield { steps };
}

describe('a trie', () => {
  it('is 32 zero bytes when empty, and the hash of its leaf with one key', () => {
    const key = sha256(utf8('key'));
    expect(Trie.empty().root()).toEqual(new Uint8Array(32));
    expect(Trie.empty<TrieValue>().set(key, value(1)).root()).toEqual(
      trieLeafHash({ key, value: value(1).digest }),
    );
  });

  it('has the hashes that its format says, for two keys', () => {
    const left = new Uint8Array(32);
    const right = new Uint8Array(32).fill(0x10, 0, 1);
    const [a, b] = [value(1), value(2)];
    const leaf = (key: Uint8Array, { digest }: TrieValue) => sha256(Uint8Array.of(2), key, digest);
    const expected = sha256(Uint8Array.of(3, 3), leaf(left, a), leaf(right, b));
    expect(Trie.empty<TrieValue>().set(right, b).set(left, a).root()).toEqual(expected);
  });

  it('has one root for one set of keys, whatever the order they came in', () => {
    fc.assert(
      fc.property(anyKeys, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (keys, order) => {
        const trie = trieOf(keys);
        expect(trie.size).toBe(keys.length);
        expect(trieOf(shuffled(keys, order)).root()).toEqual(trie.root());
      }),
    );
  });

  it('gives back what was set, the latest of each key', () => {
    fc.assert(
      fc.property(anyKeys, fc.nat(39), (keys, n) => {
        const again = keys[n % Math.max(1, keys.length)];
        const trie = again === undefined ? trieOf(keys) : trieOf(keys).set(again, value(7));
        expect(trie.size).toBe(keys.length);
        for (const key of keys)
          expect(trie.get(key)?.digest).toEqual(key === again ? value(7).digest : sha256(key));
      }),
    );
  });

  it('stays as it was when another grows out of it', () => {
    fc.assert(
      fc.property(anyKeys, anyKeys, anyKeys, (shared, one, other) => {
        const base = trieOf(shared);
        const root = base.root();
        const grown = [one, other].map((keys) =>
          keys.reduce((trie, key) => trie.set(key, value(key[0] ?? 0)), base),
        );
        expect(base.root()).toEqual(root);
        expect(base.size).toBe(shared.length);
        for (const [i, keys] of [one, other].entries()) {
          const fresh = keys.reduce((trie, key) => trie.set(key, value(key[0] ?? 0)), trieOf(shared));
          expect(grown[i]?.root()).toEqual(fresh.root());
        }
      }),
    );
  });

  it('computes each hash once', () => {
    let digests = 0;
    const counting = {
      get digest() {
        digests += 1;
        return sha256();
      },
    };
    const trie = Trie.empty<TrieValue>().set(sha256(utf8('a')), counting);
    expect(digests).toBe(0);
    trie.set(sha256(utf8('b')), value(1)).root();
    trie.root();
    trie.set(sha256(utf8('c')), value(1)).root();
    expect(digests).toBe(1);
  });

  it('refuses a key of another length', () => {
    expect(() => Trie.empty<TrieValue>().set(new Uint8Array(31), value(1))).toThrow('not 32 bytes long');
  });
});

describe('a trie proof', () => {
  it('shows the value of every key that is there, and of no other that there is none', () => {
    fc.assert(
      fc.property(anyKeys, anyKey, (keys, absent) => {
        const trie = trieOf(keys);
        for (const key of keys)
          expect(verifyTrieProof(trie.root(), key, trie.prove(key))).toEqual({
            ok: true,
            value: { value: sha256(key) },
          });
        if (keys.some((key) => toHex(key) === toHex(absent))) return;
        expect(verifyTrieProof(trie.root(), absent, trie.prove(absent))).toEqual({
          ok: true,
          value: { value: undefined },
        });
      }),
    );
  });

  it('fails when anything in it is changed', () => {
    fc.assert(
      fc.property(anyKeys, anyKey, (keys, absent) => {
        const trie = trieOf(keys);
        for (const key of [absent, ...keys.slice(0, 3)]) {
          const proof = trie.prove(key);
          for (const changed of mutations(proof)) {
            const verified = verifyTrieProof(trie.root(), key, changed);
            expect(verified.ok).toBe(false);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of one key shows nothing about a key that is there and nothing under another root', () => {
    fc.assert(
      fc.property(
        anyKeys.filter((keys) => keys.length > 1),
        (keys) => {
          const trie = trieOf(keys);
          const [one = sha256(), other = sha256()] = keys;
          expect(verifyTrieProof(trie.root(), other, trie.prove(one)).ok).toBe(false);
          expect(verifyTrieProof(sha256(), one, trie.prove(one)).ok).toBe(false);
          expect(verifyTrieProof(trie.root(), one, { steps: [] }).ok).toBe(false);
        },
      ),
    );
  });
});
