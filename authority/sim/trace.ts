/** A running 32-bit hash over everything that happened in a run: equal runs have equal hashes. */
export class Trace {
  #hash = 0x811c9dc5;
  /** Numbers taken in. */
  count = 0;

  /** Takes in one number; its lower 32 bits count. */
  add(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x01000193);
    this.#hash ^= this.#hash >>> 15;
    this.count += 1;
  }

  /** Takes in a text by its length and its beginning. */
  addText(text: string): void {
    this.add(text.length);
    for (let at = 0; at < Math.min(text.length, 8); at++) this.add(text.charCodeAt(at));
  }

  /** The hash so far, in hexadecimal. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}
