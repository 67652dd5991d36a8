import { toHex } from '../encoding/hex.ts';
import { blockSizeFor, type BlockSize, type ReadCapability } from './capability.ts';
import type { ReferenceKeyPair } from './block.ts';
import { nobleKernel, NULL_SECRET, type BlockKernel } from './kernel.ts';
import { LeafSplitter } from './leaves.ts';
import { PAIR_BYTES } from './tree-shape.ts';

/** A block as the encoder makes it. Store `bytes` under `reference`; the key belongs into the tree, not into a store. */
export interface EncodedBlock extends ReferenceKeyPair {
  /** The encrypted block, owned by the receiver. */
  readonly bytes: Uint8Array;
  /** 0 for leaves. */
  readonly level: number;
}

/** How a content is encoded. */
export interface EncodeOptions {
  readonly blockSize: BlockSize;
  /** Convergence secret, 32 bytes; without it the null secret of public content, under which equal content gets an equal name. */
  readonly secret?: Uint8Array | undefined;
  readonly kernel?: BlockKernel | undefined;
}

/**
 * Streaming ERIS 1.0 encoder. Feed the content with `update`, end it with `finish`. Memory: one node per level,
 * however long the content. Blocks come out children first; a repeated block comes out each time.
 */
export class ErisEncoder {
  readonly #blockSize: BlockSize;
  readonly #kernel: BlockKernel;
  readonly #secret: Uint8Array;
  readonly #onBlock: (block: EncodedBlock) => void;
  readonly #leaves: LeafSplitter;
  /** By level: the unfinished node that collects the pairs of that level's blocks. */
  readonly #nodes: PendingNode[] = [];

  constructor(options: EncodeOptions & { readonly onBlock: (block: EncodedBlock) => void }) {
    this.#blockSize = options.blockSize;
    this.#kernel = options.kernel ?? nobleKernel;
    this.#secret = options.secret ?? NULL_SECRET;
    if (this.#secret.length !== NULL_SECRET.length) throw new RangeError('A convergence secret has 32 bytes');
    this.#onBlock = options.onBlock;
    this.#leaves = new LeafSplitter(options.blockSize, (leaf) => this.#addLeaf(leaf));
  }

  /** Takes the next bytes of the content. The chunk is not kept. */
  update(chunk: Uint8Array): void {
    this.#leaves.update(chunk);
  }

  /** Ends the content and returns its read capability. The encoder is used up afterwards. */
  finish(): ReadCapability {
    this.#leaves.finish();
    for (let level = 0; ; level++) {
      const node = this.#nodes[level];
      if (node === undefined) throw new Error('A finished tree has a root');
      const isTop = level === this.#nodes.length - 1;
      if (isTop && node.lone !== undefined) {
        const { reference: rootReference, key: rootKey } = node.lone;
        return { blockSize: this.#blockSize, level, rootReference, rootKey };
      }
      if (node.used > 0) this.#flush(level, node);
    }
  }

  #addLeaf(leaf: Uint8Array): void {
    this.#seal(leaf, this.#kernel.keyOf(leaf, this.#secret), 0);
  }

  #seal(plain: Uint8Array, key: Uint8Array, level: number): void {
    const bytes = this.#kernel.encrypt(plain, key, level);
    const reference = this.#kernel.referenceOf(bytes);
    this.#onBlock({ reference, key, bytes, level });
    this.#addPair(level, { reference, key });
  }

  #addPair(level: number, pair: ReferenceKeyPair): void {
    const node = (this.#nodes[level] ??= new PendingNode(this.#blockSize));
    node.add(pair);
    if (node.isFull) this.#flush(level, node);
  }

  /** Makes the pairs collected from `level` a node of the level above. */
  #flush(level: number, node: PendingNode): void {
    this.#seal(node.bytes, this.#kernel.keyOf(node.bytes), level + 1);
    node.clear();
  }
}

/** The distinct blocks of a content by the lower-case hex of their reference, and its read capability. */
export interface EncodedContent {
  readonly capability: ReadCapability;
  readonly blocks: Map<string, Uint8Array>;
}

/** Encodes a content that is in memory, in the block size that public content of its length has unless told otherwise. */
export function encodeContent(content: Uint8Array, options: Partial<EncodeOptions> = {}): EncodedContent {
  const blocks = new Map<string, Uint8Array>();
  const encoder = new ErisEncoder({
    ...options,
    blockSize: options.blockSize ?? blockSizeFor(content.length),
    onBlock: ({ reference, bytes }) => blocks.set(toHex(reference), bytes),
  });
  encoder.update(content);
  return { capability: encoder.finish(), blocks };
}

/** The pairs of one node being collected, in the node's own form. */
class PendingNode {
  readonly bytes: Uint8Array;
  /** The pair, as long as it is the only one. */
  lone: ReferenceKeyPair | undefined;
  used = 0;

  constructor(blockSize: BlockSize) {
    this.bytes = new Uint8Array(blockSize);
  }

  get isFull(): boolean {
    return this.used * PAIR_BYTES === this.bytes.length;
  }

  add(pair: ReferenceKeyPair): void {
    const start = this.used * PAIR_BYTES;
    this.bytes.set(pair.reference, start);
    this.bytes.set(pair.key, start + pair.reference.length);
    this.lone = this.used === 0 ? pair : undefined;
    this.used++;
  }

  clear(): void {
    this.bytes.fill(0);
    this.lone = undefined;
    this.used = 0;
  }
}
