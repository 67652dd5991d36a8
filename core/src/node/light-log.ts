import { createBreathe } from '../breath.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { ok, unwrap, type Result } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { verifyConsistency } from '../log/merkle.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { decodeLookup, type LookupBundle } from '../lookup/bundle.ts';
import { checkLookup, checkLookupHead } from '../lookup/check.ts';
import { throwIfAborted, withDeadline } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { verifyNetworkCheckpoint } from '../records/network-checkpoint.ts';
import { parsePurl } from '../records/purl.ts';
import type { NetworkTrust } from '../records/types.ts';
import { insistOnAge, insistOnAgreement } from './anchor-age.ts';
import { AuthorityChain } from './authority-chain.ts';
import { groupNewestFirst } from './checkpoint-poll.ts';
import { headOfAnchor, headOfCheckpoint } from './closing-head.ts';
import { forkError, stoppedAnchor, type Contradiction } from './conflict.ts';
import type { LogEvidence } from './gather-evidence.ts';
import { compareHistory } from './history.ts';
import { readKeptLookup } from './kept-lookup.ts';
import {
  anchorEvidence,
  claimOf,
  contested,
  evidenceOf,
  knownOf,
  type LightHead,
  type ProvenLookup,
} from './light-head.ts';
import type { LogSyncOptions, SyncOutcome, SyncState } from './log-sync.ts';
import {
  allRefused,
  asAssayError,
  joinRefused,
  notOurs,
  refuseOrThrow,
  refusedSource,
  type RefusedSource,
} from './refused-source.ts';
import type { Anchor } from './stores.ts';
import { beginEpochs, surveySources } from './survey.ts';

/** Longest wait for one source's answer. */
const TIMEOUT_MS = 10_000;
/** Answers kept while their tree head is the newest. */
const MAX_KEPT = 500;
/** Asked for where only the tree head is wanted; any package does. */
const ANY_PACKAGE = 'pkg:npm/0@0.0.0';

/** What a light log is given: the same as a full one, without the ears. */
export type LightLogOptions = Pick<
  LogSyncOptions,
  'trust' | 'stores' | 'sources' | 'verifySignature' | 'clock'
>;

/**
 * The log of a node that replays nothing: it keeps the newest checkpoint that a quorum signed and that continues the one before,
 * and asks for what it wants to know of a package, record or absence, together with the proof.
 */
export class LightLog {
  /** No entry is kept: a log of none. */
  readonly log: TiledLog;
  readonly #options: LightLogOptions;
  readonly #chain: AuthorityChain;
  #state: SyncState = { size: 0, target: 0, refused: [] };
  #head: LightHead | undefined;
  readonly #kept = new Map<string, ProvenLookup>();
  /** The last refused answer to each question that has no other. */
  readonly #claims = new Map<string, LogEvidence>();
  /** Sources with an answer that could not be used, until they give a good one to the same question. */
  readonly #unreliable = new Map<string, { readonly purl: string; readonly refused: RefusedSource }>();
  #running: Promise<Result<SyncOutcome>> | undefined;

  private constructor(options: LightLogOptions, chain: AuthorityChain, empty: TiledLog) {
    this.#options = options;
    this.#chain = chain;
    this.log = empty;
  }

  /** Begins at the anchor that is stored, if there is one. */
  static async open(options: LightLogOptions): Promise<LightLog> {
    const { trust, verifySignature, stores } = options;
    const chain = await AuthorityChain.open({ trust, store: stores.log, verifySignature });
    const light = new LightLog(options, chain, unwrap(await TiledLog.open(new MemoryLogStore(), 0)));
    const anchor = await stores.anchors.load();
    if (anchor === undefined) return light;
    const { size, root } = anchor;
    const checkpoint = await verifyNetworkCheckpoint(anchor.checkpoint, chain.trust, verifySignature);
    light.#update({ anchor, size, target: size, previous: { size, root } });
    if (checkpoint.ok) light.#update({ checkpoint: checkpoint.value });
    else light.#update({ error: checkpoint.error });
    return light;
  }

  /** Who the authorities of each epoch are, as far as hand-offs were followed. */
  get trust(): NetworkTrust {
    return this.#chain.trust;
  }

  /** As of a LogSync, but that `size` is that of the checkpoint, whose entries were not replayed. */
  get state(): SyncState {
    const unreliable = [...this.#unreliable.values()].map(({ refused }) => refused);
    return { ...this.#state, refused: joinRefused(this.#state.refused, unreliable) };
  }

  /**
   * Moves to the newest checkpoint that a quorum has signed and that continues what is known. Fails like LogSync.sync. A call
   * during another one shares its outcome.
   */
  async sync(signal?: AbortSignal): Promise<Result<SyncOutcome>> {
    this.#running ??= this.#sync(signal).finally(() => {
      this.#running = undefined;
    });
    return await this.#running;
  }

  /**
   * What the log says of a purl, from the first source whose answer holds, checked against the newest tree head; else what was kept
   * of a held version, under the tree head of then. Fails with
   * `E_PURL…`, `E_SYNC_NO_SOURCE`, `E_SYNC_REFUSED` (why is in its fields and in `state.refused`), `E_FORK` or `E_ABORTED`.
   */
  async lookup(purl: string, signal?: AbortSignal): Promise<Result<ProvenLookup>> {
    const kept = this.#kept.get(purl);
    if (kept !== undefined) return ok(kept);
    const parsed = parsePurl(purl);
    if (!parsed.ok) return parsed;
    try {
      const refused: RefusedSource[] = [];
      const { epoch } = this.trust.current;
      let proven = await this.#askAll(purl, refused, signal);
      if (proven === undefined && refused.some(({ error }) => error.code === 'E_QUORUM')) {
        // Perhaps others are in charge by now, which is found out before their signatures are looked at again.
        await this.sync(signal);
        if (this.trust.current.epoch > epoch) proven = await this.#askAll(purl, refused, signal);
      }
      if (proven === undefined) throw allRefused(refused);
      if (this.#kept.size < MAX_KEPT) this.#kept.set(purl, proven);
      return ok(proven);
    } catch (cause) {
      const error = asAssayError(cause);
      const { stores, verifySignature } = this.#options;
      const context = { store: stores.log, trust: this.trust, anchor: this.#state.anchor, verifySignature };
      const proof = error.code === 'E_ABORTED' ? undefined : await readKeptLookup(purl, context);
      return proof === undefined ? { ok: false, error } : ok(proof);
    }
  }

  async #askAll(
    purl: string,
    refused: RefusedSource[],
    signal?: AbortSignal,
  ): Promise<ProvenLookup | undefined> {
    const sources = this.#options.sources();
    if (sources.length === 0) throw new AssayError('E_SYNC_NO_SOURCE');
    for (const source of sources) {
      const proven = await this.#ask(source, purl, refused, signal);
      if (proven !== undefined) return proven;
    }
    return undefined;
  }

  /**
   * What there is to judge a version by: the proven answer; else the last refused one, so that it can be seen what is wrong with
   * it; else only where this node stands. Rejects with `E_ABORTED`.
   */
  async evidence(purl: string, signal?: AbortSignal): Promise<LogEvidence> {
    const proven = await this.lookup(purl, signal);
    throwIfAborted(signal);
    if (proven.ok) return contested(proven.value.evidence, this.#state.anchor);
    const { anchor } = this.#state;
    const isForked = anchor?.conflict !== undefined;
    const claim = isForked ? undefined : this.#claims.get(purl);
    return claim ?? (anchor === undefined ? {} : anchorEvidence(anchor));
  }

  async #sync(signal?: AbortSignal): Promise<Result<SyncOutcome>> {
    const refused: RefusedSource[] = [];
    const before = this.#state.size;
    try {
      await this.#attempt(refused, signal);
      const { checkpoint } = this.#state;
      if (checkpoint === undefined) throw allRefused(refused);
      const { error: _cleared, ...state } = this.#state;
      this.#state = { ...state, refused, syncedAt: this.#options.clock.now() };
      return ok({ checkpoint, grown: this.#state.size - before, refused });
    } catch (cause) {
      const error = asAssayError(cause);
      this.#update({ refused, error });
      return { ok: false, error };
    }
  }

  async #attempt(refused: RefusedSource[], signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    this.#throwIfForked();
    const { verifySignature, clock } = this.#options;
    const sources = this.#options.sources();
    if (sources.length === 0) throw new AssayError('E_SYNC_NO_SOURCE');
    const survey = await surveySources(sources, { chain: this.#chain, verifySignature, clock }, signal);
    refused.push(...survey.refused);
    if (survey.rivals !== undefined) throw await this.#stop(survey.rivals, signal);
    const groups = groupNewestFirst(survey.polled);
    const reanchored = await insistOnAgreement(this.#state.checkpoint, groups, clock.now(), signal);
    if (reanchored !== undefined) this.#update({ reanchored });
    let accepted = false;
    for (const { checkpoint, sources: group } of groups) {
      for (const source of group) {
        const begun = await this.#followEpochs(source, checkpoint, survey.trust, refused, signal);
        if (begun && (await this.#consider(source, checkpoint, refused, signal))) {
          accepted = true;
          break;
        }
      }
    }
    if (!accepted) throw allRefused(refused);
  }

  /** Takes over the epochs up to a checkpoint once its source has shown that it contains the trees they began with. */
  async #followEpochs(
    source: LogSource,
    checkpoint: VerifiedCheckpoint,
    trust: NetworkTrust,
    refused: RefusedSource[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    const history = await beginEpochs(this.#chain, source, checkpoint, trust, signal);
    if (history.kind === 'fork') throw await this.#stop({ ...history, sources: [source] }, signal);
    if (history.kind === 'unproven') refused.push(refusedSource(source.id, history.error, checkpoint.bytes));
    return history.kind === 'consistent';
  }

  /** Whether the checkpoint is, or has become, the one this node stands on. */
  async #consider(
    source: LogSource,
    checkpoint: VerifiedCheckpoint,
    refused: RefusedSource[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    const head = this.#head;
    try {
      if (head !== undefined && checkpoint.size === head.checkpoint.size) {
        await this.#insistOnOneRoot(checkpoint, source);
        if (checkpoint.freshAsOf > head.checkpoint.freshAsOf) await this.#stand({ ...head, checkpoint });
        return true;
      }
      await this.#insistOnProgress(checkpoint, source);
    } catch (cause) {
      refuseOrThrow(source, cause, refused, checkpoint.bytes);
      return false;
    }
    return (await this.#ask(source, ANY_PACKAGE, refused, signal)) !== undefined;
  }

  /** The answer of one source, if it holds; else it is refused, which is remembered until it gives a good one. */
  async #ask(
    source: LogSource,
    purl: string,
    refused: RefusedSource[],
    signal?: AbortSignal,
  ): Promise<ProvenLookup | undefined> {
    try {
      const proven = await this.#consult(source, purl, signal);
      if (this.#unreliable.get(source.id)?.purl === purl) this.#unreliable.delete(source.id);
      return proven;
    } catch (cause) {
      throwIfAborted(signal);
      const one = refuseOrThrow(source, cause, refused);
      if (one.error.code !== 'E_LOOKUP_UNAVAILABLE') this.#unreliable.set(source.id, { purl, refused: one });
      return undefined;
    }
  }

  async #consult(source: LogSource, purl: string, signal?: AbortSignal): Promise<ProvenLookup> {
    this.#throwIfForked();
    const { lookup } = source;
    if (lookup === undefined) throw new AssayError('E_LOOKUP_UNAVAILABLE');
    const known = this.#head;
    const { anchor } = this.#state;
    const answer = await withDeadline(this.#options.clock, TIMEOUT_MS, signal, (inner) =>
      lookup(purl, knownOf(known, anchor), inner).catch(notOurs),
    );
    const bundle = unwrap(decodeLookup(answer));
    try {
      const head = await this.#headOf(source, bundle, known, signal);
      const { size } = head.checkpoint;
      const found = unwrap(checkLookup(bundle, purl, { size, mapRoot: head.state.mapRoot }));
      if (head !== known) await this.#stand(head);
      this.#claims.delete(purl);
      return { ...found, records: bundle.records, evidence: evidenceOf(bundle, head) };
    } catch (cause) {
      const isStale = isAssayError(cause) && cause.code === 'E_STALE_SOURCE';
      if (!isStale && this.#claims.size < MAX_KEPT) this.#claims.set(purl, claimOf(bundle, known, anchor));
      throw cause;
    }
  }

  /** The head an answer rests on: the one that was known when it was asked for, or a newer one, which has to prove itself. */
  async #headOf(
    source: LogSource,
    bundle: LookupBundle,
    known: LightHead | undefined,
    signal?: AbortSignal,
  ): Promise<LightHead> {
    if (bundle.head === undefined) {
      if (known?.checkpoint.size === bundle.size) return known;
      throw new AssayError('E_LOOKUP', { reason: 'it comes without the tree head it rests on' });
    }
    const { trust } = this;
    const { verifySignature } = this.#options;
    const { checkpoint: note, state: stateBytes, edge, consistency = [] } = bundle.head;
    const checkpoint = unwrap(await verifyNetworkCheckpoint(note, trust, verifySignature));
    if (checkpoint.size !== bundle.size)
      throw new AssayError('E_LOOKUP', { reason: 'it names another size than its checkpoint' });
    const state = unwrap(checkLookupHead({ state: stateBytes, edge }, checkpoint));
    const { anchor } = this.#state;
    const head = { checkpoint, state, stateBytes, edge };
    if (anchor === undefined) return head;
    await this.#insistOnProgress(checkpoint, source);
    // Where the state record of the anchor itself was fetched, what is stored is what was seen before.
    const { size, root } = anchor;
    const previous = { size, root, consistency };
    if (size === checkpoint.size) return { ...head, previous: { size, root, consistency: [] } };
    const continued = verifyConsistency(size, checkpoint.size, root, checkpoint.root, consistency);
    if (continued.ok) return { ...head, previous };
    const history = await compareHistory(source, anchor, checkpoint, signal);
    if (history.kind === 'fork') throw await this.#stopAt(anchor, checkpoint, source);
    throw continued.error;
  }

  /** Refuses a checkpoint older than the newest one that was accepted, and keeps one that contradicts it. */
  async #insistOnProgress(checkpoint: VerifiedCheckpoint, source: LogSource): Promise<void> {
    const { anchor } = this.#state;
    if (anchor === undefined) return;
    if (this.#state.reanchored === undefined) insistOnAge(this.#state.checkpoint, this.#options.clock.now());
    const { size: have } = checkpoint;
    if (have < anchor.size) throw new AssayError('E_STALE_SOURCE', { have, need: anchor.size });
    await this.#insistOnOneRoot(checkpoint, source);
  }

  async #insistOnOneRoot(checkpoint: VerifiedCheckpoint, source: LogSource): Promise<void> {
    const { anchor } = this.#state;
    if (anchor?.size === checkpoint.size && !equalBytes(anchor.root, checkpoint.root))
      throw await this.#stopAt(anchor, checkpoint, source);
  }

  /** From now on this is where the node stands. */
  async #stand(head: LightHead): Promise<void> {
    const { checkpoint } = head;
    const { anchor, checkpoint: before } = this.#state;
    const isOlder = checkpoint.size < (anchor?.size ?? 0);
    // Another lookup may have moved on meanwhile.
    if (isOlder) return;
    const { size, root, bytes } = checkpoint;
    const isNews = size > (anchor?.size ?? 0) || checkpoint.freshAsOf > (before?.freshAsOf ?? 0);
    if (isNews) await this.#options.stores.anchors.save({ size, root, checkpoint: bytes });
    // What is kept in memory names the checkpoint of then.
    if (isNews) this.#kept.clear();
    this.#head = head;
    const grown = anchor !== undefined && size > anchor.size;
    this.#update({
      size,
      target: size,
      ...(isNews && { anchor: { size, root, checkpoint: bytes }, checkpoint }),
      ...(grown && { previous: { size: anchor.size, root: anchor.root } }),
    });
  }

  /** A quorum contradicts the anchor. */
  #stopAt(anchor: Anchor, checkpoint: VerifiedCheckpoint, source: LogSource): Promise<AssayError> {
    const first = headOfAnchor(this.trust, anchor, this.#state.checkpoint);
    const second = headOfCheckpoint(this.trust, checkpoint);
    return this.#stop({ first, second, sources: [source] });
  }

  async #stop(contradiction: Contradiction, signal?: AbortSignal): Promise<AssayError> {
    const { stores, clock } = this.#options;
    const ports = { ours: this.#options.sources(), breathe: createBreathe(clock), signal };
    const anchor = await stoppedAnchor(contradiction, this.#state.anchor, ports);
    await stores.anchors.save(anchor);
    this.#update({ anchor });
    return forkError(this.trust, anchor);
  }

  #throwIfForked(): void {
    const { anchor } = this.#state;
    if (anchor?.conflict !== undefined) throw forkError(this.trust, anchor);
  }

  #update(changes: Partial<SyncState>): void {
    this.#state = { ...this.#state, ...changes };
  }
}
