import { createSubscriber } from 'svelte/reactivity';

/** Wall clock that components may read as state: whoever shows an age is drawn anew each second, and nobody else. */
export class Clock {
  readonly #ticked = createSubscriber((update) => {
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  });

  /** Unix seconds. */
  get now(): number {
    this.#ticked();
    return Math.floor(Date.now() / 1000);
  }
}
