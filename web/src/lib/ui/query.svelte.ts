import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { NodeApi } from '../node/api.ts';
import { useApp } from './app-context.ts';
import { asAssayError } from './node-state.svelte.ts';

/** When a query is asked again by itself. */
export interface QueryOptions {
  /** Whenever the synced log grew. */
  readonly onGrowth?: boolean;
  /** At this interval, while the page is visible. */
  readonly everyMs?: number;
}

/** An answer of the node on its way: the last one stays until the next is there, so that nothing jumps. */
export class Query<T> {
  value = $state.raw<T>();
  error = $state.raw<AssayError>();
  /** True until the first answer or failure. */
  waiting = $state(true);
  #asked = $state(0);
  #newest = 0;

  /** Asks again. */
  again(): void {
    this.#asked++;
  }

  /** Runs `load` and keeps its outcome, unless a later run has begun meanwhile. */
  async run(load: () => Promise<T>): Promise<void> {
    void this.#asked;
    const mine = ++this.#newest;
    try {
      const value = await load();
      if (mine !== this.#newest) return;
      this.value = value;
      this.error = undefined;
    } catch (error) {
      if (mine !== this.#newest) return;
      this.error = asAssayError(error);
    }
    this.waiting = false;
  }
}

/**
 * Asks the node as soon as it is there, and again when the state that `load` reads before its first `await` changes.
 * To be called while a component initialises.
 */
export function useQuery<T>(load: (api: NodeApi) => Promise<T>, options: QueryOptions = {}): Query<T> {
  const { node } = useApp();
  const query = new Query<T>();
  $effect(() => {
    const { api } = node;
    if (options.onGrowth === true) void node.size;
    if (api !== undefined) void query.run(() => load(api));
  });
  const { everyMs } = options;
  if (everyMs !== undefined) {
    $effect(() => {
      const timer = setInterval(() => {
        if (document.visibilityState === 'visible') query.again();
      }, everyMs);
      return () => clearInterval(timer);
    });
  }
  return query;
}
