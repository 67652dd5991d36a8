import { createBreathe } from '../breath.ts';
import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { ok, unwrap, type Result } from '../errors/result.ts';
import { CHECKPOINT_PATH } from '../log/log-store.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { LogState } from '../records/batch.ts';
import { verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import type { PackageMap } from '../records/package-map.ts';
import type { NetworkTrust } from '../records/types.ts';
import { insistOnAgreement, type Reanchoring } from './anchor-age.ts';
import { asSource, AuthenticLog, type TreeHead } from './authentic-log.ts';
import { AuthorityChain, newHeads } from './authority-chain.ts';
import { groupNewestFirst, type CheckpointGroup } from './checkpoint-poll.ts';
import { headOfAnchor, headOfCheckpoint, type SignedHead } from './closing-head.ts';
import { forkError, stoppedAnchor, type Contradiction } from './conflict.ts';
import { continues } from './continues.ts';
import { growLog } from './grow-log.ts';
import { allRefused, refusedSource, type RefusedSource } from './refused-source.ts';
import { Replay, type ReplayedRecord } from './replay.ts';
import type { Anchor, NodeStores } from './stores.ts';
import { surveySources } from './survey.ts';

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
  /** That the anchor found at the start was too old for one source's word, since this node was opened. */
  readonly reanchored?: Reanchoring;
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
  readonly #chain: AuthorityChain;
  #log: TiledLog;
  #rules: LogState;
  #state: SyncState = { size: 0, target: 0, refused: [] };
  #running: Promise<Result<SyncOutcome>> | undefined;

  private constructor(options: LogSyncOptions, chain: AuthorityChain, empty: TiledLog) {
    this.#options = options;
    this.#chain = chain;
    this.#log = empty;
    this.#rules = new LogState(chain.trust);
  }

  /**
   * Replays what the stores hold and compares it with the anchor. A stored log that was damaged is left aside, with
   * `E_REPLAY_STORED` in `state.error`, and fetched again by the next sync; the anchor stays.
   */
  static async open(options: LogSyncOptions): Promise<LogSync> {
    const { trust: pinned, verifySignature, stores } = options;
    const chain = await AuthorityChain.open({ trust: pinned, store: stores.log, verifySignature });
    const sync = new LogSync(options, chain, unwrap(await TiledLog.open(stores.log, 0)));
    const anchor = await stores.anchors.load();
    if (anchor === undefined) return sync;
    sync.#update({ anchor, target: anchor.size, previous: { size: anchor.size, root: anchor.root } });
    const checkpoint = await verifyNetworkCheckpoint(anchor.checkpoint, chain.trust, verifySignature);
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

  /** Who the authorities of each epoch are, as far as the log was followed. */
  get trust(): NetworkTrust {
    return this.#chain.trust;
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
    if (anchor?.conflict !== undefined) throw forkError(this.trust, anchor);
    const sources = this.#options.sources();
    if (sources.length === 0) throw new AssayError('E_SYNC_NO_SOURCE');
    const { clock, verifySignature } = this.#options;
    const ports = { chain: this.#chain, verifySignature, clock };
    const survey = await surveySources(sources, ports, signal);
    const { trust, polled, rivals } = survey;
    refused.push(...survey.refused);
    if (rivals !== undefined) throw await this.#stop(rivals, signal);
    const groups = groupNewestFirst(polled);
    const before = this.#log.size;
    const reanchored = await insistOnAgreement(
      this.#state.checkpoint,
      groups,
      this.#options.clock.now(),
      signal,
    );
    if (reanchored !== undefined) this.#update({ reanchored });
    let accepted = false;
    for (const group of groups) {
      accepted = (await this.#consider(group, { trust, refused }, signal)) || accepted;
    }
    const { checkpoint } = this.#state;
    if (!accepted || checkpoint === undefined) throw allRefused(refused);
    return { checkpoint, grown: this.#log.size - before, refused };
  }

  /** Moves to the checkpoint if that is no step back. False when none of its sources could be used. */
  async #consider(
    group: CheckpointGroup,
    { trust, refused }: Considered,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { checkpoint } = group;
    const refuse = ({ id }: LogSource, error: AssayError): void => {
      if (refused.some(({ source }) => source === id)) return;
      refused.push(refusedSource(id, error, checkpoint.bytes));
    };
    if (checkpoint.size < this.#knownSize) {
      await this.#compareWithOwnHistory(group, signal);
      const error = new AssayError('E_STALE_SOURCE', { have: checkpoint.size, need: this.#knownSize });
      for (const source of group.sources) refuse(source, error);
      return false;
    }
    const sources = await this.#continuing(group, trust, refuse, signal);
    if (sources.length === 0) return false;
    try {
      await this.#chain.keep(trust, checkpoint.size);
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

  /**
   * The sources of a checkpoint, once one of them has shown that it continues the anchor and contains the trees that new epochs
   * began with. A proven fork is kept and thrown.
   */
  async #continuing(
    { checkpoint, sources }: CheckpointGroup,
    trust: NetworkTrust,
    refuse: (source: LogSource, error: AssayError) => void,
    signal?: AbortSignal,
  ): Promise<readonly LogSource[]> {
    const anchor = this.#anchorHead();
    const heads = [...(anchor ? [anchor] : []), ...newHeads(trust, this.trust)]
      .filter(({ size }) => size <= checkpoint.size)
      .toSorted((a, b) => a.size - b.size);
    for (const [tried, source] of sources.entries()) {
      const history = await continues(source, heads, headOfCheckpoint(trust, checkpoint), signal);
      throwIfAborted(signal);
      if (history.kind === 'consistent') return sources.slice(tried);
      if (history.kind === 'fork') {
        const { first, second } = history;
        throw await this.#stop({ first, second, sources }, signal);
      }
      refuse(source, history.error);
    }
    return [];
  }

  /** An older checkpoint with a quorum must lie in the history that was replayed here; else someone signed two. */
  async #compareWithOwnHistory(
    { checkpoint, sources }: CheckpointGroup,
    signal?: AbortSignal,
  ): Promise<void> {
    const first = this.#anchorHead();
    if (first === undefined || checkpoint.size > this.#log.size) return;
    const root = unwrap(await this.#log.rootAt(checkpoint.size));
    if (equalBytes(root, checkpoint.root)) return;
    const second = headOfCheckpoint(this.trust, checkpoint);
    throw await this.#stop({ first, second, sources }, signal);
  }

  async #grow(
    checkpoint: VerifiedCheckpoint,
    sources: readonly LogSource[],
    refuse: (source: LogSource, error: AssayError) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { clock, stores, onProgress, onRecords, published = false } = this.#options;
    const target = checkpoint.size;
    this.#update({ target });
    const breathe = createBreathe(clock);
    const replay = new Replay(this.trust, breathe, this.#rules);
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

  /** Keeps both heads, and where the second parts from what is known here; from now on nothing newer is accepted. */
  async #stop(contradiction: Contradiction, signal?: AbortSignal): Promise<AssayError> {
    const { stores, clock } = this.#options;
    const { anchor: known } = this.#state;
    const ours = this.#log.size === known?.size ? [asSource(stores.log)] : [];
    const anchor = await stoppedAnchor(contradiction, known, { ours, breathe: createBreathe(clock), signal });
    await stores.anchors.save(anchor);
    this.#update({ anchor });
    return forkError(this.trust, anchor);
  }

  #anchorHead(): SignedHead | undefined {
    const { anchor, checkpoint } = this.#state;
    return anchor && headOfAnchor(this.trust, anchor, checkpoint);
  }

  async #replayStored(anchor: Anchor): Promise<void> {
    const { stores, clock, onProgress, onRecords } = this.#options;
    const log = unwrap(await TiledLog.open(stores.log, anchor.size, { verifyRoot: anchor.root }));
    const replay = new Replay(this.trust, createBreathe(clock));
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

/** What the checkpoints of one sync are considered with. */
interface Considered {
  /** With the epochs that sources showed. */
  readonly trust: NetworkTrust;
  readonly refused: RefusedSource[];
}
