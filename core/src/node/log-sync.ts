import { createBreathe } from '../breath.ts';
import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { ok, unwrap, type Result } from '../errors/result.ts';
import { parseCheckpointBody } from '../log/checkpoint.ts';
import { CHECKPOINT_PATH } from '../log/log-store.ts';
import { parseNote } from '../log/note.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { faultTolerance } from '../log/quorum.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { LogState } from '../records/batch.ts';
import { verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import type { PackageMap } from '../records/package-map.ts';
import type { NetworkTrust } from '../records/types.ts';
import { AuthenticLog, type TreeHead } from './authentic-log.ts';
import { groupNewestFirst, pollCheckpoints, type CheckpointGroup } from './checkpoint-poll.ts';
import { growLog } from './grow-log.ts';
import { compareHistory } from './history.ts';
import { allRefused, refusedSource, type RefusedSource } from './refused-source.ts';
import { Replay, type ReplayedRecord } from './replay.ts';
import type { Anchor, Conflict, NodeStores } from './stores.ts';

export interface LogSyncOptions {
  readonly trust: NetworkTrust;
  readonly stores: Pick<NodeStores, 'log' | 'anchors'>;
  /** Whom to ask, at the moment of asking. */
  readonly sources: () => readonly LogSource[];
  readonly verifySignature: VerifyEd25519Async;
  readonly clock: Clock;
  /** Entries replayed and checked, of the entries of the checkpoint that is being synced to. */
  readonly onProgress?: (progress: { readonly have: number; readonly target: number }) => void;
  /** Records that are new and checked, in order; heard of before the larger size shows. */
  readonly onRecords?: (records: readonly ReplayedRecord[]) => void;
  /** True where others read the log store as files: keeps narrow partial tiles that they may still ask for. */
  readonly published?: boolean;
}

/** What one sync came to. */
export interface SyncOutcome {
  /** The checkpoint that the node now stands on. */
  readonly checkpoint: VerifiedCheckpoint;
  /** Entries added. */
  readonly grown: number;
  /** Sources that could not be used, each with the reason. */
  readonly refused: readonly RefusedSource[];
}

/** What the sync knows right now. */
export interface SyncState {
  /** Entries replayed and checked. */
  readonly size: number;
  /** Entries of the checkpoint that is being synced to; otherwise of the newest one held. */
  readonly target: number;
  readonly anchor?: Anchor;
  /** The anchor's checkpoint. */
  readonly checkpoint?: VerifiedCheckpoint;
  /** What was the anchor before: at the last growth, or when the program started. Absent on first sight of a network. */
  readonly previous?: TreeHead;
  /** Unix seconds of the last sync that succeeded. */
  readonly syncedAt?: number;
  /** Of the last sync. */
  readonly refused: readonly RefusedSource[];
  /** Why the last sync failed, if it did. */
  readonly error?: AssayError;
}

/** Keeps this node's copy of one log up to date, believing nothing but quorum checkpoints and proofs. */
export class LogSync {
  readonly #options: LogSyncOptions;
  #log: TiledLog;
  #rules: LogState;
  #state: SyncState = { size: 0, target: 0, refused: [] };
  #running: Promise<Result<SyncOutcome>> | undefined;

  private constructor(options: LogSyncOptions, empty: TiledLog) {
    this.#options = options;
    this.#log = empty;
    this.#rules = new LogState(options.trust);
  }

  /**
   * Replays what the stores hold and compares it with the anchor. A stored log that was damaged is left aside, with
   * `E_REPLAY_STORED` in `state.error`, and fetched again by the next sync; the anchor stays.
   */
  static async open(options: LogSyncOptions): Promise<LogSync> {
    const sync = new LogSync(options, unwrap(await TiledLog.open(options.stores.log, 0)));
    const anchor = await options.stores.anchors.load();
    if (anchor === undefined) return sync;
    sync.#update({ anchor, target: anchor.size, previous: { size: anchor.size, root: anchor.root } });
    const { trust, verifySignature } = options;
    const checkpoint = await verifyNetworkCheckpoint(anchor.checkpoint, trust, verifySignature);
    try {
      sync.#update({ checkpoint: unwrap(checkpoint) });
      await sync.#replayStored(anchor);
    } catch (cause) {
      sync.#update({ error: new AssayError('E_REPLAY_STORED', {}, cause) });
    }
    return sync;
  }

  get state(): SyncState {
    return this.#state;
  }

  /** The checked log; proofs and entries come from here. Its size is `state.size`. */
  get log(): TiledLog {
    return this.#log;
  }

  /** Index of a version's record, by full replay of all `state.size` entries; undefined proves that there is none. */
  indexOf(purl: string): number | undefined {
    return this.#rules.indexOf(purl);
  }

  /** What the replayed log, as far as `log` goes, says of each package. */
  get packages(): PackageMap {
    return this.#rules.packages;
  }

  /**
   * Asks all sources and moves to the newest checkpoint that a quorum has signed and that continues what is known. Fails with
   * `E_SYNC_NO_SOURCE`, `E_SYNC_REFUSED` (no source was usable; `state.refused` tells why each was not), `E_FORK`, `E_ABORTED` or
   * `E_STORE…`. A call during another one shares its outcome.
   */
  async sync(signal?: AbortSignal): Promise<Result<SyncOutcome>> {
    this.#running ??= this.#sync(signal).finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  async #sync(signal?: AbortSignal): Promise<Result<SyncOutcome>> {
    const refused: RefusedSource[] = [];
    try {
      const outcome = await this.#attempt(refused, signal);
      const { error: _cleared, ...state } = this.#state;
      this.#state = { ...state, refused, syncedAt: this.#options.clock.now() };
      return ok(outcome);
    } catch (cause) {
      const error = isAssayError(cause) ? cause : new AssayError('E_STORE', { reason: String(cause) }, cause);
      this.#update({ refused, error, target: this.#knownSize });
      return { ok: false, error };
    }
  }

  async #attempt(refused: RefusedSource[], signal?: AbortSignal): Promise<SyncOutcome> {
    throwIfAborted(signal);
    const { anchor } = this.#state;
    if (anchor?.conflict !== undefined) throw this.#forkError(anchor.conflict);
    const { trust, verifySignature, clock } = this.#options;
    const sources = this.#options.sources();
    if (sources.length === 0) throw new AssayError('E_SYNC_NO_SOURCE');
    const polled = await pollCheckpoints(sources, { trust, verifySignature, clock }, signal);
    throwIfAborted(signal);
    for (const { source, checkpoint, note } of polled) {
      if (!checkpoint.ok) refused.push(refusedSource(source.id, checkpoint.error, note));
    }
    const before = this.#log.size;
    let accepted = false;
    for (const group of groupNewestFirst(polled)) {
      accepted = (await this.#consider(group, refused, signal)) || accepted;
    }
    const { checkpoint } = this.#state;
    if (!accepted || checkpoint === undefined) throw allRefused(refused);
    return { checkpoint, grown: this.#log.size - before, refused };
  }

  /** Moves to the checkpoint if that is no step back. False when none of its sources could be used. */
  async #consider(group: CheckpointGroup, refused: RefusedSource[], signal?: AbortSignal): Promise<boolean> {
    const { checkpoint } = group;
    const refuse = ({ id }: LogSource, error: AssayError): void => {
      if (refused.some(({ source }) => source === id)) return;
      refused.push(refusedSource(id, error, checkpoint.bytes));
    };
    if (checkpoint.size < this.#knownSize) {
      await this.#compareWithOwnHistory(checkpoint);
      const error = new AssayError('E_STALE_SOURCE', { have: checkpoint.size, need: this.#knownSize });
      for (const source of group.sources) refuse(source, error);
      return false;
    }
    const sources = await this.#continuing(group, refuse, signal);
    if (sources.length === 0) return false;
    try {
      if (checkpoint.size > this.#log.size) await this.#grow(checkpoint, sources, refuse, signal);
      else await this.#refresh(checkpoint);
      return true;
    } catch (cause) {
      throwIfAborted(signal);
      if (!isAssayError(cause) || cause.code.startsWith('E_STORE')) throw cause;
      for (const source of sources) refuse(source, cause);
      return false;
    }
  }

  /** The sources of a checkpoint, once one of them has shown that it continues the anchor. A proven fork is kept and thrown. */
  async #continuing(
    { checkpoint, sources }: CheckpointGroup,
    refuse: (source: LogSource, error: AssayError) => void,
    signal?: AbortSignal,
  ): Promise<readonly LogSource[]> {
    const { anchor } = this.#state;
    if (anchor === undefined) return sources;
    for (const [tried, source] of sources.entries()) {
      const history = await compareHistory(source, anchor, checkpoint, signal);
      throwIfAborted(signal);
      if (history.kind === 'consistent') return sources.slice(tried);
      if (history.kind === 'fork') throw await this.#keepConflict(anchor, checkpoint.bytes);
      refuse(source, history.error);
    }
    return [];
  }

  /** An older checkpoint with a quorum must lie in the history that was replayed here; else someone signed two. */
  async #compareWithOwnHistory(checkpoint: VerifiedCheckpoint): Promise<void> {
    const { anchor } = this.#state;
    if (anchor === undefined || checkpoint.size > this.#log.size) return;
    const root = unwrap(await this.#log.rootAt(checkpoint.size));
    if (!equalBytes(root, checkpoint.root)) throw await this.#keepConflict(anchor, checkpoint.bytes);
  }

  async #grow(
    checkpoint: VerifiedCheckpoint,
    sources: readonly LogSource[],
    refuse: (source: LogSource, error: AssayError) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { trust, clock, stores, onProgress, onRecords, published = false } = this.#options;
    const target = checkpoint.size;
    this.#update({ target });
    const breathe = createBreathe(clock);
    const replay = new Replay(trust, breathe, this.#rules);
    const log = await growLog(this.#log.size, checkpoint, {
      store: stores.log,
      remote: new AuthenticLog({ head: checkpoint, sources, staged: stores.log, onRefused: refuse, breathe }),
      replay,
      onProgress: (have) => onProgress?.({ have, target }),
      signal,
    });
    const { anchor: before } = this.#state;
    const anchor = await this.#saveAnchor(checkpoint);
    if (before !== undefined) this.#update({ previous: { size: before.size, root: before.root } });
    onRecords?.(replay.records);
    this.#rules = replay.state;
    this.#log = log;
    this.#update({ size: log.size, anchor, checkpoint, target });
    await log.removeSuperseded(published ? 'finished' : 'all');
  }

  /** Takes over newer cosignatures of the checkpoint that is held. */
  async #refresh(checkpoint: VerifiedCheckpoint): Promise<void> {
    if (checkpoint.freshAsOf <= (this.#state.checkpoint?.freshAsOf ?? -1)) return;
    await this.#options.stores.log.write(new Map([[CHECKPOINT_PATH, checkpoint.bytes]]));
    this.#update({ anchor: await this.#saveAnchor(checkpoint), checkpoint });
  }

  async #saveAnchor({ size, root, bytes }: VerifiedCheckpoint): Promise<Anchor> {
    const anchor: Anchor = { size, root, checkpoint: bytes };
    await this.#options.stores.anchors.save(anchor);
    return anchor;
  }

  async #keepConflict(anchor: Anchor, second: Uint8Array): Promise<AssayError> {
    const conflict: Conflict = { first: anchor.checkpoint, second };
    await this.#options.stores.anchors.save({ ...anchor, conflict });
    this.#update({ anchor: { ...anchor, conflict } });
    return this.#forkError(conflict);
  }

  #forkError({ first, second }: Conflict): AssayError {
    const faulty = faultTolerance(this.#options.trust.current.authorities.length) + 1;
    return new AssayError('E_FORK', { first: sizeOf(first), second: sizeOf(second), faulty });
  }

  async #replayStored(anchor: Anchor): Promise<void> {
    const { trust, stores, clock, onProgress, onRecords } = this.#options;
    const log = unwrap(await TiledLog.open(stores.log, anchor.size, { verifyRoot: anchor.root }));
    const replay = new Replay(trust, createBreathe(clock));
    const target = anchor.size;
    await replay.applyStored(log, anchor.root, (have) => onProgress?.({ have, target }));
    onRecords?.(replay.records);
    this.#rules = replay.state;
    this.#log = log;
    this.#update({ size: log.size });
  }

  /** No accepted checkpoint is smaller. */
  get #knownSize(): number {
    return Math.max(this.#log.size, this.#state.anchor?.size ?? 0);
  }

  #update(changes: Partial<SyncState>): void {
    this.#state = { ...this.#state, ...changes };
  }
}

/** Size that a checkpoint note names; it was verified before. */
function sizeOf(note: Uint8Array): number {
  return unwrap(parseCheckpointBody(unwrap(parseNote(note)).text)).size;
}
