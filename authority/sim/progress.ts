/** A line on a terminal that is written over and over; nothing where nobody looks. */
export class ProgressLine {
  readonly #started = performance.now();
  #shownAt = 0;

  show(text: string): void {
    const now = performance.now();
    if (process.stderr.isTTY !== true || now - this.#shownAt < 100) return;
    this.#shownAt = now;
    process.stderr.write(`\r\u001B[2K${text} · ${this.seconds} s`);
  }

  clear(): void {
    if (process.stderr.isTTY === true) process.stderr.write('\r\u001B[2K');
  }

  /** Whole seconds since the beginning. */
  get seconds(): number {
    return Math.round((performance.now() - this.#started) / 1000);
  }
}
