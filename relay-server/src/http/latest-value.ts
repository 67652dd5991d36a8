/** A value that changes, for listeners that each want the newest one and may miss those between. Costs no queue. */
export class LatestValue<T> {
  #value: T | undefined;
  #version = 0;
  #changed = Promise.withResolvers<void>();

  get value(): T | undefined {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    this.#version++;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** The value of now, if there is one, and then each newer one, until the signal fires. */
  async *follow(signal: AbortSignal): AsyncGenerator<T> {
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    let seen = 0;
    while (!signal.aborted) {
      const changed = this.#changed.promise;
      if (this.#version > seen && this.#value !== undefined) {
        seen = this.#version;
        yield this.#value;
      } else {
        await Promise.race([changed, stopped]);
      }
    }
  }
}
