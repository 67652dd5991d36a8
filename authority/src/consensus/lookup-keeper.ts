import type { LogStore } from '@assay/core/log/log-store.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import { readCheckpoint } from '@assay/core/verify/check-log.ts';
import type { Ledger } from './ledger.ts';

/**
 * What lookups are answered from: the newest checkpoint that was published when the final ledger was of its very size. While batch
 * follows batch it stays behind, and catches up with the next checkpoint after which nothing more is final.
 */
export class LookupKeeper {
  readonly #store: LogStore;
  #view: LookupView | undefined;

  constructor(store: LogStore) {
    this.#store = store;
  }

  get view(): LookupView | undefined {
    return this.#view;
  }

  /** Hears of a checkpoint that this authority published over the files in its store. Never rejects. */
  async take(note: Uint8Array, ledger: Pick<Ledger, 'size' | 'log'>): Promise<void> {
    const head = readCheckpoint(note);
    if (!head.ok || head.value.size !== ledger.size) return;
    const log = await TiledLog.open(this.#store, ledger.size, { verifyRoot: head.value.root }).catch(
      () => undefined,
    );
    const isNewer = ledger.size >= (this.#view?.log.size ?? 0);
    if (log?.ok === true && isNewer)
      this.#view = { log: log.value, packages: ledger.log.packages, checkpoint: note };
  }
}
