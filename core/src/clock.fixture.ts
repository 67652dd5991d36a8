import { createClock, type Clock } from './clock.ts';

/** The machine's own clock. */
export const realClock: Clock = createClock(globalThis);

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #ms: number;
  #sleepers: { at: number; wake: () => void }[] = [];

  constructor(unixSeconds = 1_800_000_000) {
    this.#ms = unixSeconds * 1000;
  }

  now(): number {
    return Math.floor(this.#ms / 1000);
  }

  elapsed(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = { at: this.#ms + ms, wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass, waking sleepers in order and letting what they started settle. */
  async advance(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#ms = Math.max(this.#ms, next.at);
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
    }
    this.#ms = end;
    await settle();
  }
}

/** Lets everything that can go on without time passing go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => node.setImmediate(resolve));
}

/** Programs for browsers are tested in Node too, without its types. */
const node = globalThis as unknown as { setImmediate(callback: () => void): void };
