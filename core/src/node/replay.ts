import type { Breathe } from '../breath.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { CompactRange, leafHashes } from '../log/merkle.ts';
import { TILE_WIDTH } from '../log/tile.ts';
import type { TiledLog } from '../log/tiled-log.ts';
import { LogState } from '../records/batch.ts';
import type { LogRecord, NetworkTrust } from '../records/types.ts';
import type { HashedEntries } from './authentic-log.ts';

/** Entries between two looks at the clock; they take some milliseconds at most. */
const ENTRIES_PER_BREATH = 32;

/** One checked record and its number. A record may decode its parts only when they are asked for: see `ScannedAdd`. */
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
  async apply({ entries, leaves }: HashedEntries): Promise<void> {
    for (const [i, entry] of entries.entries()) {
      const index = this.state.size;
      const record = unwrap(this.state.applyEntry(entry, { looksAtMap: false, leaf: leaves[i] }));
      this.records.push({ index, record });
      if (i % ENTRIES_PER_BREATH === 0) await this.#breathe();
    }
  }

  /**
   * Applies a whole stored log, computing its root anew from the entries. Throws `E_REPLAY_STORED` when that is not `root`.
   * `onProgress` hears of every full bundle.
   */
  async applyStored(log: TiledLog, root: Uint8Array, onProgress: (have: number) => void): Promise<void> {
    const tree = CompactRange.of();
    for await (const entries of log.bundles()) {
      const leaves = leafHashes(entries);
      tree.appendAll(leaves);
      await this.apply({ entries, leaves });
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
