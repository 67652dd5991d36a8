import { toHex } from '../encoding/hex.ts';
import type { ReferenceKeyPair } from './block.ts';
import type { BlockSize, ReadCapability } from './capability.ts';
import { nobleKernel, NULL_SECRET } from './kernel.ts';
import { PAIR_BYTES } from './tree-shape.ts';

/** Builds trees by hand that are sound block by block, yet need not be what an encoder makes. */
export class TreeForge {
  readonly blocks = new Map<string, Uint8Array>();
  readonly #blockSize: BlockSize;

  constructor(blockSize: BlockSize) {
    this.#blockSize = blockSize;
  }

  /** A leaf of `content`, padded when it is shorter than a block. */
  leaf(content: Uint8Array): ReferenceKeyPair {
    const plain = new Uint8Array(this.#blockSize);
    plain.set(content);
    if (content.length < plain.length) plain[content.length] = 0x80;
    return this.#seal(plain, nobleKernel.keyOf(plain, NULL_SECRET), 0);
  }

  /** A node of the given pairs; `lastByte` puts something behind them. */
  node(level: number, pairs: readonly ReferenceKeyPair[], lastByte = 0): ReferenceKeyPair {
    const plain = new Uint8Array(this.#blockSize);
    plain[plain.length - 1] = lastByte;
    pairs.forEach(({ reference, key }, index) => {
      plain.set(reference, index * PAIR_BYTES);
      plain.set(key, index * PAIR_BYTES + reference.length);
    });
    return this.#seal(plain, nobleKernel.keyOf(plain), level);
  }

  capability(level: number, root: ReferenceKeyPair): ReadCapability {
    return { blockSize: this.#blockSize, level, rootReference: root.reference, rootKey: root.key };
  }

  block(pair: ReferenceKeyPair): Uint8Array {
    const block = this.blocks.get(toHex(pair.reference));
    if (block === undefined) throw new Error('Not a block of this tree');
    return block;
  }

  #seal(plain: Uint8Array, key: Uint8Array, level: number): ReferenceKeyPair {
    const block = nobleKernel.encrypt(plain, key, level);
    const reference = nobleKernel.referenceOf(block);
    this.blocks.set(toHex(reference), block);
    return { reference, key };
  }
}
