/** Runs work in the order it comes, a few pieces at a time, and never two of one name. */
export class FetchQueue {
  readonly #parallel: number;
  readonly #waiting: { readonly name: string; readonly work: () => Promise<void> }[] = [];
  readonly #running = new Set<string>();

  constructor(parallel: number) {
    this.#parallel = parallel;
  }

  /** `work` must not reject. */
  add(name: string, work: () => Promise<void>): void {
    this.#waiting.push({ name, work });
    this.#fill();
  }

  #fill(): void {
    while (this.#running.size < this.#parallel) {
      const next = this.#waiting.findIndex(({ name }) => !this.#running.has(name));
      const [piece] = next < 0 ? [] : this.#waiting.splice(next, 1);
      if (piece === undefined) return;
      this.#running.add(piece.name);
      void piece.work().finally(() => {
        this.#running.delete(piece.name);
        this.#fill();
      });
    }
  }
}
