/** The common part of base32 and base64 (RFC 4648): bytes as a run of 5-bit or 6-bit symbols, high bits first. */
export class BitAlphabet {
  readonly #codes: Uint8Array;
  readonly #values: Int8Array;
  readonly #bits: number;

  /** `symbols` holds 32 or 64 distinct ASCII characters. */
  constructor(symbols: string) {
    this.#codes = new TextEncoder().encode(symbols);
    this.#bits = Math.log2(symbols.length);
    this.#values = new Int8Array(128).fill(-1);
    this.#codes.forEach((code, value) => (this.#values[code] = value));
  }

  /** The symbols of `bytes`, spare bits of the last one zero, without padding. */
  encode(bytes: Uint8Array): string {
    const out = new Uint8Array(Math.ceil((bytes.length * 8) / this.#bits));
    const mask = (1 << this.#bits) - 1;
    let pending = 0;
    let count = 0;
    let at = 0;
    for (const byte of bytes) {
      pending = ((pending << 8) | byte) & 0xffff;
      count += 8;
      while (count >= this.#bits) {
        count -= this.#bits;
        out[at++] = this.#codes[(pending >> count) & mask] ?? 0;
      }
    }
    if (count > 0) out[at] = this.#codes[(pending << (this.#bits - count)) & mask] ?? 0;
    return new TextDecoder().decode(out);
  }

  /** The bytes of unpadded symbols, or undefined when `encode` would not have written this text. */
  decode(text: string): Uint8Array | undefined {
    const out = new Uint8Array(Math.floor((text.length * this.#bits) / 8));
    let pending = 0;
    let count = 0;
    let at = 0;
    for (let i = 0; i < text.length; i++) {
      const value = this.#values[text.charCodeAt(i)] ?? -1;
      if (value < 0) return undefined;
      pending = ((pending << this.#bits) | value) & 0xffff;
      count += this.#bits;
      if (count >= 8) {
        count -= 8;
        out[at++] = (pending >> count) & 0xff;
      }
    }
    const spare = pending & ((1 << count) - 1);
    return count < this.#bits && spare === 0 ? out : undefined;
  }
}
