import type { BlockSize } from './capability.ts';

/**
 * Cuts a content that comes in chunks of any size into padded leaves (ERIS 1.0 §2.2: 0x80, then zeros up to the block
 * size; always at least the 0x80). Whole leaves inside a chunk are passed on as views of it, without a copy.
 */
export class LeafSplitter {
  readonly #onLeaf: (leaf: Uint8Array) => void;
  readonly #partial: Uint8Array;
  #filled = 0;

  /** A leaf given to `onLeaf` is only valid during the call. */
  constructor(blockSize: BlockSize, onLeaf: (leaf: Uint8Array) => void) {
    this.#partial = new Uint8Array(blockSize);
    this.#onLeaf = onLeaf;
  }

  /** Takes the next bytes of the content. */
  update(chunk: Uint8Array): void {
    const blockSize = this.#partial.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#filled === 0 && chunk.length - at >= blockSize) {
        this.#onLeaf(chunk.subarray(at, at + blockSize));
        at += blockSize;
      } else {
        at += this.#fill(chunk, at);
      }
    }
  }

  /** Pads and passes on the last leaf. The content ends here. */
  finish(): void {
    this.#partial.fill(0, this.#filled);
    this.#partial[this.#filled] = 0x80;
    this.#onLeaf(this.#partial);
  }

  #fill(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#partial.length - this.#filled, chunk.length - at);
    this.#partial.set(chunk.subarray(at, at + taken), this.#filled);
    this.#filled += taken;
    if (this.#filled === this.#partial.length) {
      this.#filled = 0;
      this.#onLeaf(this.#partial);
    }
    return taken;
  }
}
