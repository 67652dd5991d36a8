import type { Clock } from '@assay/core/clock.ts';
import { AssayError, isAssayError, type WireError } from '@assay/core/errors/assay-error.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, unwrap, type Result } from '@assay/core/errors/result.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { bitmapIndices } from '@assay/core/records/bitmap.ts';
import { proposalDigest, proposalOf } from '@assay/core/records/proposal.ts';
import { parsePurl } from '@assay/core/records/purl.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import type { Builder } from '../builds/own-answer.ts';
import type { Consensus, FinalBatch } from '../consensus/consensus.ts';
import { indicesOf, type Era, type Eras } from '../era.ts';
import type { IntakeStore } from '../intake/intake-store.ts';
import {
  MAX_REQUESTS_PER_JOB,
  MAX_SETTLED_JOBS,
  SETTLED_JOB_SECONDS,
  type AuthorityLimits,
} from '../limits.ts';
import type { AuthorityLogger } from '../logger.ts';
import { readOwnAnswer } from './answers.ts';
import { Changes } from './changes.ts';
import { decide } from './decide.ts';
import { FetchQueue } from './fetch-queue.ts';
import { Job, type Ending, type JobRequest } from './job.ts';
import { putBeforeConsensus } from './put-before-consensus.ts';
import { restoreJob, saveJob } from './job-records.ts';
import type { Answer } from './round.ts';

export interface JobsOptions {
  readonly eras: Eras;
  readonly store: IntakeStore;
  readonly builder: Builder;
  readonly consensus: Pick<Consensus, 'submit' | 'find' | 'onFinal'>;
  readonly limits: AuthorityLimits;
  readonly clock: Clock;
  readonly logger: AuthorityLogger;
  /** Names of the peers that a connection is open to. */
  readonly connected: () => ReadonlySet<string>;
  /** Called when there is something the other authorities should hear about a job. */
  readonly onNews: (job: Job) => void;
}

const TICK_MS = 200;
/** Old jobs are looked for this often. */
const FORGET_EVERY_SECONDS = 60;

/**
 * All work on package versions: each is fetched by this authority, its answer counted with those of the others, and what a quorum
 * agrees on is put before consensus. Whatever must survive a crash is in the store before anyone is told of it.
 */
export class Jobs {
  /** Tells of every change of a request's progress, by its id. */
  readonly changes = new Changes();
  readonly #options: JobsOptions;
  readonly #active = new Map<string, Job>();
  readonly #queue: FetchQueue;
  readonly #stopped = new AbortController();
  /** Unix seconds. */
  #forgottenAt = 0;
  #stopHearing = (): void => undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#queue = new FetchQueue(options.limits.parallelFetches);
  }

  /** Takes up the work where an earlier run left it. Consensus must have started. */
  start(): void {
    const { store, consensus, clock, eras, builder } = this.#options;
    for (const stored of store.openJobs()) {
      const job = restoreJob(store, stored, { era: this.#era, builder });
      if (job === undefined) continue;
      if (job.phase === 'answered') job.startedAt = clock.elapsed();
      this.#begin(job);
    }
    const stops = [
      consensus.onFinal((final) => this.#onFinal(final)),
      eras.onChange(() => this.#enterEpoch()),
    ];
    this.#stopHearing = () => stops.forEach((stop) => stop());
    void this.#tick();
  }

  stop(): void {
    this.#stopped.abort();
    this.#stopHearing();
    for (const job of this.#active.values()) job.stop.abort(new AssayError('E_ABORTED'));
  }

  /** Under way or waiting. */
  get active(): ReadonlyMap<string, Job> {
    return this.#active;
  }

  /** Whether a request for this purl would be taken; one without a version needs room for a new job. */
  hasRoomFor(purl: string): boolean {
    const { consensus, limits } = this.#options;
    if (this.#active.has(purl) || consensus.find(purl) !== undefined) return true;
    return this.#active.size < limits.queuedJobs;
  }

  /**
   * Lets a stored request be answered by the job for a package version: the one under way if it may still succeed, or a new try.
   * `E_REQUEST_QUEUE` when there is no room for one more.
   */
  open(request: JobRequest, purl: string): Result<void> {
    const { store, consensus, clock } = this.#options;
    const underWay = this.#active.get(purl);
    if (underWay !== undefined && !underWay.round.isHopeless()) return this.#join(underWay, request);
    if (underWay !== undefined) this.#fail(underWay, underWay.round.failure(), true);
    if (consensus.find(purl) !== undefined) {
      store.assignRequest(request.id, purl, store.job(purl)?.attempt ?? 0);
      return ok(undefined);
    }
    if (!this.hasRoomFor(purl)) return fail('E_REQUEST_QUEUE', { count: this.#active.size });
    const attempt = (store.job(purl)?.attempt ?? 0) + 1;
    const job = new Job({ purl, attempt, opened: clock.now(), request, names: this.#names });
    store.atomically(() => {
      saveJob(store, job);
      store.assignRequest(request.id, purl, attempt);
    });
    this.#begin(job);
    this.#options.onNews(job);
    return ok(undefined);
  }

  /** How far the work on a package version is; undefined when nothing is known of it. */
  progress(purl: string): RequestProgress | undefined {
    const job = this.#active.get(purl);
    if (job !== undefined) return job.progress();
    const ended = this.#options.store.job(purl)?.progress;
    const index = this.#options.consensus.find(purl);
    if (index === undefined || ended?.state === 'in-log') return ended;
    const needed = this.#era.trust.current.policy.quorum;
    const { error: _, ...known } = ended ?? { id: '', purl, authorities: [], needed, agreed: 0 };
    return { ...known, state: 'in-log', index };
  }

  /** Counts another authority's answer, whose signature was checked. */
  take(job: Job, answer: Answer): void {
    if (!job.round.take(answer)) return;
    this.#evaluate(job);
    this.#changed(job);
  }

  noteFetching(job: Job, authority: number): void {
    if (job.round.noteFetching(authority)) this.#changed(job);
  }

  get #era(): Era {
    return this.#options.eras.current;
  }

  get #names(): readonly string[] {
    return this.#era.trust.current.authorities.map(({ name }) => name);
  }

  /** What is open stays open: the authorities of the new epoch answer anew, this one with what it has found out. */
  #enterEpoch(): void {
    const { clock } = this.#options;
    for (const job of this.#active.values()) {
      job.enterEpoch(this.#names, clock.elapsed());
      this.#guarded(() => this.#answerAgain(job));
      this.#changed(job);
    }
  }

  #answerAgain(job: Job): void {
    const { builder, store, onNews, clock } = this.#options;
    if (this.#era.me === undefined) {
      // Those who are in charge now bring it into the log, or nobody does within the time for it.
      job.startedAt ??= clock.elapsed();
      return;
    }
    if (job.envelope === undefined) {
      if (job.phase === 'waiting') this.#queue.add(job.purl, () => this.#fetch(job));
      return;
    }
    job.adopt(readOwnAnswer(builder.renew(job.envelope), this.#era), job.proposal);
    saveJob(store, job);
    onNews(job);
  }

  #join(job: Job, request: JobRequest): Result<void> {
    if (job.requests.size >= MAX_REQUESTS_PER_JOB) {
      return fail('E_REQUEST_QUEUE', { count: job.requests.size });
    }
    this.#options.store.assignRequest(request.id, job.purl, job.attempt);
    job.requests.add(request.id);
    job.request = request;
    this.#options.onNews(job);
    return ok(undefined);
  }

  #begin(job: Job): void {
    this.#active.set(job.purl, job);
    if (job.phase === 'waiting') this.#queue.add(job.purl, () => this.#fetch(job));
    this.#changed(job);
  }

  /** Finds out for itself, unless the job has ended meanwhile. Never rejects. */
  async #fetch(job: Job): Promise<void> {
    const { builder, store, clock, logger, onNews } = this.#options;
    const { me } = this.#era;
    if (!this.#isActive(job) || job.phase !== 'waiting' || me === undefined) return;
    try {
      job.phase = 'fetching';
      job.startedAt = clock.elapsed();
      job.round.noteFetching(me);
      this.#changed(job);
      onNews(job);
      const { envelope, proposal } = await builder.answer(unwrap(parsePurl(job.purl)), job.stop.signal);
      if (!this.#isActive(job)) return;
      // The epoch may have changed meanwhile.
      job.adopt(readOwnAnswer(builder.renew(envelope), this.#era), proposal);
      saveJob(store, job);
      onNews(job);
      this.#evaluate(job);
      this.#changed(job);
    } catch (error) {
      if (job.stop.signal.aborted) return;
      if (isAssayError(error) && error.code === 'E_NOT_AN_AUTHORITY') job.phase = 'waiting';
      else logger.error(`${job.purl}: ${String(error)}`);
    }
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal);
      if (signal.aborted) return;
      for (const job of this.#active.values()) this.#guarded(() => this.#evaluate(job));
      this.#guarded(() => this.#forgetOld());
    }
  }

  /** What goes wrong with one job, or with the disk, must not keep the others from being looked at again. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.logger.error(String(error));
    }
  }

  #forgetOld(): void {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (now - this.#forgottenAt < FORGET_EVERY_SECONDS) return;
    this.#forgottenAt = now;
    store.forget(now - SETTLED_JOB_SECONDS, MAX_SETTLED_JOBS);
  }

  /** Applies the rules to a job as it stands now. */
  #evaluate(job: Job): void {
    const { consensus, clock, connected, limits } = this.#options;
    const index = consensus.find(job.purl);
    if (index !== undefined) return this.#settle(job, { state: 'in-log', index });
    const era = this.#era;
    const reachable = indicesOf(era, connected());
    if (era.me !== undefined) reachable.add(era.me);
    const decision = decide(job, { now: clock.elapsed(), reachable, limits });
    switch (decision.kind) {
      case 'wait':
        return;
      case 'order':
        if (putBeforeConsensus(job, decision.group, this.#options)) this.#changed(job);
        return;
      case 'fail':
        this.#fail(job, decision.error, decision.final);
    }
  }

  #fail(job: Job, error: WireError, isFinal: boolean): void {
    this.#settle(job, { state: 'failed', error });
    if (isFinal) this.#discard(job);
  }

  #settle(job: Job, ending: Ending): void {
    const { store, clock, logger } = this.#options;
    const settled = clock.now();
    saveJob(store, job, { settled, progress: job.progress(ending) });
    this.#active.delete(job.purl);
    job.stop.abort(new AssayError('E_ABORTED'));
    logger.info(
      ending.state === 'in-log'
        ? `${job.purl} is in the log as entry ${ending.index}`
        : `${job.purl} failed: ${ending.error.code}`,
    );
    this.#changed(job);
  }

  /** Bytes that no record will ever name need no room. */
  #discard({ purl, proposal }: Job): void {
    const { builder, logger } = this.#options;
    if (proposal === undefined) return;
    this.#queue.add(purl, () =>
      builder.discard(proposal).catch((error: unknown) => logger.warn(`${purl}: ${String(error)}`)),
    );
  }

  #onFinal({ entries }: FinalBatch): void {
    for (const { index, bytes } of entries) {
      const record = decodeRecord(bytes);
      if (!record.ok || record.value.kind !== 'artifact-add') continue;
      const job = this.#active.get(record.value.purl);
      if (job !== undefined) this.#conclude(job, record.value, index);
    }
  }

  #conclude(job: Job, record: ArtifactAddRecord, index: number): void {
    const { provenance } = record;
    const digest = toHex(proposalDigest(proposalOf(record)));
    const builders = bitmapIndices(provenance.builders, this.#names.length) ?? [];
    job.round.conclude({ digest, builders });
    this.#settle(job, { state: 'in-log', index });
    if (job.proposal && toHex(proposalDigest(job.proposal)) !== digest) this.#discard(job);
  }

  #changed(job: Job): void {
    for (const id of job.requests) this.changes.changed(id);
  }

  #isActive(job: Job): boolean {
    return this.#active.get(job.purl) === job && !this.#stopped.signal.aborted;
  }
}
