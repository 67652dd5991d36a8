import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import {
  EMPTY_TRIE_ROOT,
  keyBit,
  trieLeafHash,
  trieNodeHash,
  TRIE_KEY_BYTES,
  type TrieProof,
  type TrieStep,
} from './trie-proof.ts';

/** What a key leads to. Only its digest enters the trie; it is asked for when a hash above it is. */
export interface TrieValue {
  /** 32 bytes; always the same. */
  readonly digest: Uint8Array;
}

/**
 * A Merkle trie over 32-byte keys in which every branch has two sides (a crit-bit tree), so that its root follows from keys
 * and values alone, whatever the order they came in. Persistent: `set` gives a new trie that shares all it can with this one.
 * Hashes are computed when a root or proof is asked for, once for each node.
 */
export class Trie<Value extends TrieValue> {
  readonly #top: Node<Value> | undefined;
  /** Number of keys. */
  readonly size: number;

  private constructor(top: Node<Value> | undefined, size: number) {
    this.#top = top;
    this.size = size;
  }

  /** The trie without keys. */
  static empty<Value extends TrieValue>(): Trie<Value> {
    return new Trie<Value>(undefined, 0);
  }

  /** What `key` leads to. */
  get(key: Uint8Array): Value | undefined {
    const leaf = this.#nearest(key);
    return leaf !== undefined && equalBytes(leaf.key, key) ? leaf.value : undefined;
  }

  /** A trie in which `key` leads to `value`. Throws E_TRIE_PROOF when the key is not 32 bytes long. */
  set(key: Uint8Array, value: Value): Trie<Value> {
    if (key.length !== TRIE_KEY_BYTES)
      throw new AssayError('E_TRIE_PROOF', { reason: 'the key is not 32 bytes long' });
    const leaf = new Leaf(key, value);
    const nearest = this.#nearest(key);
    if (this.#top === undefined || nearest === undefined) return new Trie<Value>(leaf, 1);
    const depth = firstDifference(key, nearest.key);
    const isNew = depth !== undefined;
    return new Trie(insert(this.#top, leaf, depth ?? Infinity), this.size + (isNew ? 1 : 0));
  }

  /** The root: 32 zero bytes when empty. */
  root(): Uint8Array {
    return this.#top?.hash() ?? EMPTY_TRIE_ROOT;
  }

  /** What the trie says about `key`, present or not, for `verifyTrieProof`. */
  prove(key: Uint8Array): TrieProof {
    const steps: TrieStep[] = [];
    let node = this.#top;
    if (node === undefined) return { steps };
    while (node instanceof Branch) {
      steps.push({ depth: node.depth, hash: node.side(keyBit(key, node.depth) === 0 ? 1 : 0).hash() });
      node = node.side(keyBit(key, node.depth));
    }
    return { steps, leaf: { key: node.key, value: node.value.digest } };
  }

  /** The leaf that the bits of `key` lead to: its own if there is one. */
  #nearest(key: Uint8Array): Leaf<Value> | undefined {
    let node = this.#top;
    while (node instanceof Branch) node = node.side(keyBit(key, node.depth));
    return node;
  }
}

type Node<Value extends TrieValue> = Leaf<Value> | Branch<Value>;

class Leaf<Value extends TrieValue> {
  readonly key: Uint8Array;
  readonly value: Value;
  #hash: Uint8Array | undefined;

  constructor(key: Uint8Array, value: Value) {
    this.key = key;
    this.value = value;
  }

  hash(): Uint8Array {
    return (this.#hash ??= trieLeafHash({ key: this.key, value: this.value.digest }));
  }
}

class Branch<Value extends TrieValue> {
  readonly depth: number;
  readonly left: Node<Value>;
  readonly right: Node<Value>;
  #hash: Uint8Array | undefined;

  constructor(depth: number, left: Node<Value>, right: Node<Value>) {
    this.depth = depth;
    this.left = left;
    this.right = right;
  }

  side(bit: 0 | 1): Node<Value> {
    return bit === 0 ? this.left : this.right;
  }

  hash(): Uint8Array {
    return (this.#hash ??= trieNodeHash(this.depth, this.left.hash(), this.right.hash()));
  }
}

/** A copy of `node` with `leaf` in it, which first leaves the way of the keys below at bit `depth`. */
function insert<Value extends TrieValue>(node: Node<Value>, leaf: Leaf<Value>, depth: number): Node<Value> {
  if (node instanceof Branch && node.depth < depth) {
    return keyBit(leaf.key, node.depth) === 0
      ? new Branch(node.depth, insert(node.left, leaf, depth), node.right)
      : new Branch(node.depth, node.left, insert(node.right, leaf, depth));
  }
  if (depth === Infinity) return leaf;
  return keyBit(leaf.key, depth) === 0 ? new Branch(depth, leaf, node) : new Branch(depth, node, leaf);
}

/** Number of the first bit in which two keys differ. */
function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let i = 0; i < TRIE_KEY_BYTES; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return undefined;
}
