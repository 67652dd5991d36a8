import type { Breathe } from '../breath.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { CompactRange, leafHash } from '../log/merkle.ts';
import { TILE_WIDTH } from '../log/tile.ts';
import type { TiledLog } from '../log/tiled-log.ts';
import { LogState } from '../records/batch.ts';
import type { LogRecord, NetworkTrust } from '../records/types.ts';

/** One checked record and its number. */
export interface ReplayedRecord {
  readonly index: number;
  readonly record: LogRecord;
}

/** Applies entries one after the other under the rules of the log, resting often enough that nothing else has to wait. */
export class Replay {
  readonly state: LogState;
  readonly records: ReplayedRecord[] = [];
  readonly #breathe: Breathe;

  /** Goes on from a copy of `state`, or from nothing. */
  constructor(trust: NetworkTrust, breathe: Breathe, state?: LogState) {
    this.state = state?.clone() ?? new LogState(trust);
    this.state.learn(trust);
    this.#breathe = breathe;
  }

  /**
   * Applies the next entries. Throws the AssayError of the first that breaks a rule. Of all map roots only the last is computed,
   * which is the one that proofs under the checkpoint rest on: `finish` has to follow.
   */
  async apply(entries: Iterable<Uint8Array>): Promise<void> {
    for (const entry of entries) {
      const index = this.state.size;
      this.records.push({ index, record: unwrap(this.state.applyEntry(entry, { looksAtMap: false })) });
      await this.#breathe();
    }
  }

  /**
   * Applies a whole stored log, computing its root anew from the entries. Throws `E_REPLAY_STORED` when that is not `root`.
   * `onProgress` hears of every full bundle.
   */
  async applyStored(log: TiledLog, root: Uint8Array, onProgress: (have: number) => void): Promise<void> {
    const tree = CompactRange.of();
    for await (const { bytes } of log.entries()) {
      tree.append(leafHash(bytes));
      await this.apply([bytes.slice()]);
      if (tree.size % TILE_WIDTH === 0) onProgress(tree.size);
    }
    if (!equalBytes(tree.root(), root)) throw new AssayError('E_REPLAY_STORED');
    await this.finish(log);
  }

  /**
   * Looks at what only the end of a replay shows: whether the last state record names the map that all records make, else
   * `E_BATCH_STATE`; whether the trees that hand-offs name are those of `log`, else `E_HANDOFF`: then authorities of an earlier
   * epoch signed two histories.
   */
  async finish(log: TiledLog): Promise<void> {
    unwrap(this.state.checkMapRoot());
    for (const [position, { size, root }] of this.state.handoffs.entries()) {
      if (equalBytes(unwrap(await log.rootAt(size)), root)) continue;
      const reason = `it names another tree of ${size} entries than this log has`;
      throw new AssayError('E_HANDOFF', { epoch: position + 2, reason });
    }
  }
}
