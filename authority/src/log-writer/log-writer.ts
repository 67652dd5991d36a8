import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { CHECKPOINT_PATH, type LogStore } from '@assay/core/log/log-store.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { handoffPath } from '@assay/core/records/handoff.ts';
import { hashBytes } from '../consensus/block.ts';
import type { SignedTreeHead, TreeHead } from '../consensus/cosignature.ts';
import type { Batch } from './batch.ts';
import { checkpointNote, type Publisher } from './checkpoint-note.ts';

/** A checkpoint that may be published. */
export interface ReadyCheckpoint {
  readonly head: TreeHead;
  /** Of the set that cosigned. */
  readonly epoch: number;
  readonly cosignatures: readonly SignedTreeHead[];
  readonly freshAsOf: number;
}

/** What the `checkpoint` file says. */
export interface Published {
  readonly size: number;
  /** Unix seconds: the newest time that at least one honest cosigner vouches for. */
  readonly freshAsOf: number;
}

/**
 * Turns final batches into the files of a C2SP log: entry bundles, tiles, evidence, and the cosigned checkpoint once the rest is
 * durable. One writer per folder; calls must not overlap.
 */
export class LogWriter {
  readonly #store: LogStore;
  readonly #publisher: Publisher;
  readonly #log: TiledLog;
  #published: Published | undefined;

  private constructor(
    store: LogStore,
    publisher: Publisher,
    log: TiledLog,
    published: Published | undefined,
  ) {
    this.#store = store;
    this.#publisher = publisher;
    this.#log = log;
    this.#published = published;
  }

  /**
   * Opens the log in `store` at the first of `heads` whose files are there and lead to its root, else empty; what lies beyond
   * is written again. `published` is what the checkpoint file says.
   */
  static async open(
    store: LogStore,
    publisher: Publisher,
    { heads, published }: { heads: Iterable<TreeHead>; published?: Published },
  ): Promise<LogWriter> {
    for (const { size, root } of heads) {
      const log = await TiledLog.open(store, size, { verifyRoot: hashBytes(root) });
      if (log.ok) return new LogWriter(store, publisher, log.value, published);
    }
    return new LogWriter(store, publisher, unwrap(await TiledLog.open(store, 0)), published);
  }

  /** Entries whose files are durable. */
  get size(): number {
    return this.#log.size;
  }

  /** What the checkpoint file says. */
  get published(): Published | undefined {
    return this.#published;
  }

  /**
   * Appends consecutive batches; durable on return. Evidence and hand-off links are durable before the tiles: where those lead to a
   * root, `open` takes the batch for written. Throws E_LOG_DAMAGED when they do not give their own root.
   */
  async append(batches: readonly Batch[]): Promise<TreeHead> {
    const last = batches.at(-1);
    const first = batches[0];
    if (first === undefined || last === undefined || first.firstIndex !== this.size) {
      throw new AssayError('E_LOG_WRITERS', { size: this.size });
    }
    const staged = this.#log.stage(batches.flatMap((batch) => batch.entries));
    if (toHex(staged.after.root()) !== last.root) throw new AssayError('E_LOG_DAMAGED', { size: last.size });
    const evidence = batches
      .flatMap((batch) => batch.evidence)
      .map((bundle) => [`evidence/${toHex(sha256(bundle))}`, bundle] as const);
    const handoffs = batches.flatMap(({ handoff }) =>
      handoff === undefined ? [] : [[handoffPath(handoff.epoch), handoff.link] as const],
    );
    const proofs = new Map([...evidence, ...handoffs]);
    if (proofs.size > 0) await this.#store.write(proofs);
    await this.#log.commit(staged);
    return { size: last.size, root: last.root };
  }

  /**
   * Writes the checkpoint and gives its bytes. Undefined when the file already says as much, for a checkpoint never moves back, and
   * when this authority is not in the set that speaks for this size.
   */
  async publish({ head, epoch, cosignatures, freshAsOf }: ReadyCheckpoint): Promise<Uint8Array | undefined> {
    const { size = 0, freshAsOf: before = 0 } = this.#published ?? {};
    const isNews = head.size > size || (head.size === size && freshAsOf > before);
    if (!isNews || head.size > this.size) return undefined;
    const note = checkpointNote(this.#publisher, epoch, head, cosignatures);
    if (note === undefined) return undefined;
    await this.#store.write(new Map([[CHECKPOINT_PATH, note]]));
    this.#published = { size: head.size, freshAsOf };
    if (head.size === this.size) await this.#log.removeSuperseded('finished');
    return note;
  }
}
