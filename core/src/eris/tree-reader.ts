import { toBase32 } from '../encoding/base32.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { ReadCapability } from './capability.ts';
import { checkBlock, countPairs, openNode, pairAt, unpaddedLength, type ReferenceKeyPair } from './block.ts';
import { nobleKernel, NULL_SECRET, type BlockKernel } from './kernel.ts';
import { arityOf, leafCount, pairsInNode, shapeOf, type TreeShape } from './tree-shape.ts';

/** Brings a block by its 32-byte reference; undefined when it is not there. What it brings is checked. */
export type GetBlock = (reference: Uint8Array) => Promise<Uint8Array | undefined>;

/** How a content is decoded. */
export interface DecodeOptions {
  /** Content length from a source that is trusted, such as a record. Content of another length is refused. */
  readonly size?: number | undefined;
  /**
   * The content is known to be public, encoded with the null secret. ERIS does not authenticate the key of a content
   * of a single block; with this it is derived from the content again and compared.
   */
  readonly convergent?: boolean | undefined;
  readonly kernel?: BlockKernel | undefined;
}

interface PlainBlock {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * The verified leaves of one ERIS tree by number. Stricter than ERIS 1.0: a tree must have exactly the form that an
 * encoder gives to a content of its length, so offsets are exact and a small tree cannot unfold to endless content.
 * All methods reject with AssayErrors `E_ERIS_…`, and with what `get` rejects with.
 */
export class TreeReader {
  readonly shape: TreeShape;
  readonly #capability: ReadCapability;
  readonly #blocks: BlockOpener;
  /** By level: the block read last. Reading in order fetches every node once. */
  readonly #last: PlainBlock[];

  private constructor(
    capability: ReadCapability,
    shape: TreeShape,
    blocks: BlockOpener,
    spine: readonly PlainBlock[],
  ) {
    this.#capability = capability;
    this.shape = shape;
    this.#blocks = blocks;
    this.#last = [...spine];
  }

  /**
   * Opens a tree after proving its length: fetches the right edge, level + 1 blocks, and checks it against `size`, if
   * that is given.
   */
  static async open(
    capability: ReadCapability,
    get: GetBlock,
    options: DecodeOptions = {},
  ): Promise<TreeReader> {
    if (options.size !== undefined) unwrap(shapeOf(capability, options.size));
    const blocks = new BlockOpener(capability, get, options);
    const spine = await readSpine(capability, blocks);
    const length = lengthOf(capability, spine);
    if (options.size !== undefined && length !== options.size) {
      throw new AssayError('E_ERIS_SIZE', { have: length, want: options.size });
    }
    const shape = shapeOf(capability, length);
    if (!shape.ok) {
      throw new AssayError('E_ERIS_SHAPE', { problem: 'it has more levels than its content needs' });
    }
    return new TreeReader(capability, shape.value, blocks, spine);
  }

  /** Opens a tree without fetching anything. The size is believed until the leaf that contradicts it is read. */
  static ofSize(
    capability: ReadCapability,
    get: GetBlock,
    options: DecodeOptions & { readonly size: number },
  ): TreeReader {
    const shape = unwrap(shapeOf(capability, options.size));
    return new TreeReader(capability, shape, new BlockOpener(capability, get, options), []);
  }

  /** Content of leaf `position`, without padding. The array may be a view, and is also kept for the next call. */
  async leaf(position: number): Promise<Uint8Array> {
    const bytes = await this.#read(0, position);
    const last = leafCount(this.shape.contentLength, this.shape.blockSize) - 1;
    if (position !== last) return bytes;
    const have = last * this.shape.blockSize + unwrap(unpaddedLength(bytes));
    const want = this.shape.contentLength;
    if (have !== want) throw new AssayError('E_ERIS_SIZE', { have, want });
    return bytes.subarray(0, want - last * this.shape.blockSize);
  }

  async #read(level: number, position: number): Promise<Uint8Array> {
    const known = this.#last[level];
    if (known?.position === position) return known.bytes;
    const pair = await this.#pairOf(level, position);
    const bytes =
      level === 0
        ? await this.#blocks.leaf(pair)
        : await this.#blocks.node(pair, level, pairsInNode(this.shape, level, position));
    this.#last[level] = { position, bytes };
    return bytes;
  }

  async #pairOf(level: number, position: number): Promise<ReferenceKeyPair> {
    if (level === this.#capability.level) return rootPair(this.#capability);
    const arity = arityOf(this.shape.blockSize);
    const parent = await this.#read(level + 1, Math.floor(position / arity));
    return pairAt(parent, position % arity);
  }
}

/** Fetches, checks and decrypts single blocks of one tree. */
class BlockOpener {
  readonly #capability: ReadCapability;
  readonly #get: GetBlock;
  readonly #kernel: BlockKernel;
  readonly #convergent: boolean;

  constructor(capability: ReadCapability, get: GetBlock, options: DecodeOptions) {
    this.#capability = capability;
    this.#get = get;
    this.#kernel = options.kernel ?? nobleKernel;
    this.#convergent = options.convergent ?? false;
  }

  async node(pair: ReferenceKeyPair, level: number, pairs?: number): Promise<Uint8Array> {
    return unwrap(openNode(await this.#fetch(pair.reference), pair.key, level, pairs, this.#kernel));
  }

  /** The leaf with its padding. The key of a leaf stands in a verified node; only that of a lone leaf can be wrong. */
  async leaf(pair: ReferenceKeyPair): Promise<Uint8Array> {
    const leaf = this.#kernel.decrypt(await this.#fetch(pair.reference), pair.key, 0);
    const mustDerive = this.#convergent && this.#capability.level === 0;
    if (mustDerive && !equalBytes(this.#kernel.keyOf(leaf, NULL_SECRET), pair.key)) {
      throw new AssayError('E_ERIS_KEY', { level: 0 });
    }
    return leaf;
  }

  async #fetch(reference: Uint8Array): Promise<Uint8Array> {
    const block = await this.#get(reference);
    if (block === undefined) throw new AssayError('E_ERIS_BLOCK_MISSING', { reference: toBase32(reference) });
    unwrap(checkBlock(block, reference, this.#capability.blockSize, this.#kernel));
    return block;
  }
}

function rootPair(capability: ReadCapability): ReferenceKeyPair {
  return { reference: capability.rootReference, key: capability.rootKey };
}

/** The last block of each level, by level, from the root down. */
async function readSpine(capability: ReadCapability, blocks: BlockOpener): Promise<PlainBlock[]> {
  const arity = arityOf(capability.blockSize);
  const spine: PlainBlock[] = [];
  let pair = rootPair(capability);
  let position = 0;
  for (let level = capability.level; level > 0; level--) {
    const bytes = await blocks.node(pair, level);
    spine[level] = { position, bytes };
    const lastPair = countPairs(bytes) - 1;
    pair = pairAt(bytes, lastPair);
    position = position * arity + lastPair;
  }
  spine[0] = { position, bytes: await blocks.leaf(pair) };
  return spine;
}

function lengthOf(capability: ReadCapability, spine: readonly PlainBlock[]): number {
  const last = spine[0];
  if (last === undefined) throw new Error('Every tree has a last leaf');
  return last.position * capability.blockSize + unwrap(unpaddedLength(last.bytes));
}
