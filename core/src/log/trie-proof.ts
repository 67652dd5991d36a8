import { sha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { HASH_BYTES } from './merkle.ts';

/** Length of the keys of a trie: they are SHA-256 hashes, so that no name makes a path longer than another. */
export const TRIE_KEY_BYTES = 32;

/** Longest path: one branch for every bit of a key. */
export const MAX_TRIE_STEPS = TRIE_KEY_BYTES * 8;

/** Root of the trie without keys: 32 zero bytes. */
export const EMPTY_TRIE_ROOT: Uint8Array = new Uint8Array(HASH_BYTES);

const LEAF_PREFIX = Uint8Array.of(2);

/** One branch on the way to a key. */
export interface TrieStep {
  /** Number of the bit where it branches, 0 (the highest of the first byte) to 255. */
  readonly depth: number;
  /** Hash of the side not taken, 32 bytes. */
  readonly hash: Uint8Array;
}

/** A key of 32 bytes and the 32-byte hash it leads to. */
export interface TrieLeaf {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * What a trie says about one key: the branches on its way, root first, and the leaf the way ends at. A leaf of another key
 * shows that the key asked for is absent: had it been there, its leaf would stand here. Only the empty trie has no leaf.
 */
export interface TrieProof {
  readonly steps: readonly TrieStep[];
  readonly leaf?: TrieLeaf;
}

/** Hash of a leaf: SHA-256(0x02 ‖ key ‖ value). */
export function trieLeafHash({ key, value }: TrieLeaf): Uint8Array {
  return sha256(LEAF_PREFIX, key, value);
}

/** Hash of a branch: SHA-256(0x03 ‖ u8 depth ‖ left ‖ right). */
export function trieNodeHash(depth: number, left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(Uint8Array.of(3, depth), left, right);
}

/** Bit `position` of a key: 0 leads left, 1 leads right. */
export function keyBit(key: Uint8Array, position: number): 0 | 1 {
  return (((key[position >> 3] ?? 0) >> (7 - (position & 7))) & 1) === 0 ? 0 : 1;
}

/**
 * Checks what the trie with this root says about `key`: its value, or undefined when the trie does not have it. Total.
 * Fails with E_TRIE_PROOF.
 */
export function verifyTrieProof(
  root: Uint8Array,
  key: Uint8Array,
  { steps, leaf }: TrieProof,
): Result<{ readonly value: Uint8Array | undefined }> {
  if (key.length !== TRIE_KEY_BYTES) return refused('the key is not 32 bytes long');
  if (leaf === undefined) {
    if (steps.length > 0) return refused('a path without a leaf');
    return equalBytes(root, EMPTY_TRIE_ROOT)
      ? ok({ value: undefined })
      : refused('the trie is said to be empty');
  }
  if (leaf.key.length !== TRIE_KEY_BYTES || leaf.value.length !== HASH_BYTES)
    return refused('a malformed leaf');
  const isPath = steps.every(
    ({ depth, hash }, i) =>
      Number.isInteger(depth) &&
      depth > (steps[i - 1]?.depth ?? -1) &&
      depth < MAX_TRIE_STEPS &&
      hash.length === HASH_BYTES &&
      keyBit(key, depth) === keyBit(leaf.key, depth),
  );
  if (!isPath) return refused('its steps are not a way to the key');
  const top = steps.reduceRight(
    (below, { depth, hash }) =>
      keyBit(key, depth) === 0 ? trieNodeHash(depth, below, hash) : trieNodeHash(depth, hash, below),
    trieLeafHash(leaf),
  );
  if (!equalBytes(top, root)) return refused('it leads to another root');
  return ok({ value: equalBytes(leaf.key, key) ? leaf.value : undefined });
}

function refused(reason: string): Result<never> {
  return fail('E_TRIE_PROOF', { reason });
}
