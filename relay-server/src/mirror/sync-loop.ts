import type { Clock } from '@assay/core/clock.ts';
import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';

/** When to try again after a sync that failed, in case nothing else calls for one before. */
const RETRY_MS = 2_000;

export interface SyncLoopOptions {
  readonly node: Pick<VerifiedNode, 'sync'>;
  readonly clock: Clock;
  /** Called with each checkpoint that is newer, or was signed again, after its entries are stored. */
  readonly onCheckpoint: (checkpoint: VerifiedCheckpoint) => void;
  readonly onFailure: (error: AssayError) => void;
}

/** Syncs the log whenever it is told that there is news, one sync at a time. */
export class SyncLoop {
  readonly #options: SyncLoopOptions;
  #news = Promise.withResolvers<void>();

  constructor(options: SyncLoopOptions) {
    this.#options = options;
  }

  /** There is something to sync. */
  nudge(): void {
    this.#news.resolve();
  }

  /** Syncs until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { node, clock, onCheckpoint, onFailure } = this.#options;
    const stopped = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    let last: VerifiedCheckpoint | undefined;
    while (!signal.aborted) {
      await Promise.race([this.#news.promise, stopped]);
      this.#news = Promise.withResolvers();
      if (signal.aborted) return;
      const outcome = await node.sync(signal);
      if (!outcome.ok) {
        onFailure(outcome.error);
        void clock.sleep(RETRY_MS, signal).then(() => this.nudge());
        continue;
      }
      const { checkpoint } = outcome.value;
      if (checkpoint.size !== last?.size || checkpoint.freshAsOf !== last.freshAsOf) onCheckpoint(checkpoint);
      last = checkpoint;
    }
  }
}
