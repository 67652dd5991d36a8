/** A set of small numbers, one bit each, from the least bit of byte 0. */
export class Bitmap {
  #bits: Uint8Array;

  /** Takes over the bytes it is given. */
  constructor(bits: Uint8Array = new Uint8Array(0)) {
    this.#bits = bits;
  }

  /** The bits, without trailing zero bytes. */
  get bytes(): Uint8Array {
    return this.#bits.slice(0, this.#bits.findLastIndex((byte) => byte !== 0) + 1);
  }

  has(index: number): boolean {
    return Number.isInteger(index) && ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  add(index: number): void {
    const at = index >> 3;
    if (at >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(at + 1, 2 * this.#bits.length));
      grown.set(this.#bits);
      this.#bits = grown;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (index & 7));
  }

  delete(index: number): void {
    const byte = this.#bits[index >> 3];
    if (byte !== undefined) this.#bits[index >> 3] = byte & ~(1 << (index & 7));
  }

  /** All numbers, ascending. */
  *indexes(): Generator<number> {
    for (const [at, byte] of this.#bits.entries()) {
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) yield 8 * at + bit;
    }
  }

  get size(): number {
    let count = 0;
    for (let byte of this.#bits) for (; byte !== 0; byte &= byte - 1) count++;
    return count;
  }
}
