/** Tells watchers that something under a name has changed, without saying what. */
export class Changes {
  readonly #watchers = new Map<string, Set<() => void>>();

  /** Calls `watcher` after every change of `name`, until the returned function is called. */
  watch(name: string, watcher: () => void): () => void {
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers.get(name) === watchers) this.#watchers.delete(name);
    };
  }

  changed(name: string): void {
    for (const watcher of this.#watchers.get(name) ?? []) watcher();
  }
}
