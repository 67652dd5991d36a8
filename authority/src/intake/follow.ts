export interface FollowOptions<T> {
  /** The value now; may throw, which ends the iteration. */
  readonly read: () => T;
  readonly isLast: (value: T) => boolean;
  /** Calls the watcher after every change until the returned function is called. */
  readonly watch: (watcher: () => void) => () => void;
}

/**
 * A value now and after every change, until the last one; values that come faster than they are taken are left out. Unlike a
 * generator, the iterator ends at once when it is returned while it waits.
 */
export function followChanges<T>(options: FollowOptions<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => new Follower(options) };
}

class Follower<T> implements AsyncIterator<T> {
  readonly #options: FollowOptions<T>;
  readonly #stopWatching: () => void;
  #changed = true;
  #ended = false;
  #wake = (): void => undefined;

  constructor(options: FollowOptions<T>) {
    this.#options = options;
    this.#stopWatching = options.watch(() => {
      this.#changed = true;
      this.#wake();
    });
  }

  async next(): Promise<IteratorResult<T>> {
    while (!this.#changed && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#ended) return { done: true, value: undefined };
    this.#changed = false;
    try {
      const value = this.#options.read();
      if (this.#options.isLast(value)) this.#end();
      return { done: false, value };
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  return(): Promise<IteratorResult<T>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  #end(): void {
    this.#ended = true;
    this.#stopWatching();
    this.#wake();
  }
}
