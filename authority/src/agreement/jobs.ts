import type { Clock } from '@assay/core/clock.ts';
import { decodeWith } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { AssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { proposalToCbor, readProposal } from '@assay/core/records/proposal.ts';
import { parsePurl } from '@assay/core/records/purl.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Builder } from '../builds/own-answer.ts';
import type { Consensus, FinalBatch } from '../consensus/consensus.ts';
import type { IntakeStore, StoredJob } from '../intake/intake-store.ts';
import { MAX_SETTLED_JOBS, SETTLED_JOB_SECONDS, type AuthorityLimits } from '../limits.ts';
import type { AuthorityLogger } from '../logger.ts';
import { readOwnAnswer } from './answers.ts';
import { assembleTransaction } from './assemble.ts';
import { Changes } from './changes.ts';
import { FetchQueue } from './fetch-queue.ts';
import { Job, type Ending, type JobRequest } from './job.ts';
import type { Answer } from './round.ts';

export interface JobsOptions {
  readonly trust: NetworkTrust;
  readonly me: number;
  readonly store: IntakeStore;
  readonly builder: Builder;
  readonly consensus: Pick<Consensus, 'submit' | 'find' | 'onFinal'>;
  readonly limits: AuthorityLimits;
  readonly clock: Clock;
  readonly logger: AuthorityLogger;
  /** Authorities that a connection is open to. */
  readonly connected: () => ReadonlySet<number>;
  /** Called when there is something the other authorities should hear about a job. */
  readonly onNews: (job: Job) => void;
}

const TICK_MS = 200;
/** A transaction is handed to consensus again after this time, until it is final: a mempool promises nothing. */
const RESUBMIT_MS = 5_000;

/**
 * All work on package versions: each is fetched by this authority, its answer counted with those of the others, and what a quorum
 * agrees on is put before consensus. Whatever must survive a crash is in the store before anyone is told of it.
 */
export class Jobs {
  /** Tells of every change of a request's progress, by its id. */
  readonly changes = new Changes();
  readonly #options: JobsOptions;
  readonly #names: readonly string[];
  readonly #active = new Map<string, Job>();
  readonly #queue: FetchQueue;
  readonly #stopped = new AbortController();
  #stopHearing = (): void => undefined;

  constructor(options: JobsOptions) {
    this.#options = options;
    this.#names = options.trust.genesis.authorities.map(({ name }) => name);
    this.#queue = new FetchQueue(options.limits.parallelFetches);
  }

  /** Takes up the work where an earlier run left it. Consensus must have started. */
  start(): void {
    const { store, consensus } = this.#options;
    for (const stored of store.openJobs()) this.#resume(stored);
    this.#stopHearing = consensus.onFinal((final) => this.#onFinal(final));
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

  /** Whether no more versions are taken on. */
  get full(): boolean {
    return this.#active.size >= this.#options.limits.queuedJobs;
  }

  /**
   * Lets a stored request be answered by the job for a package version: the one under way, or a new try. Throws `E_REQUEST_QUEUE`
   * when there is no room for one more.
   */
  open(request: JobRequest, purl: string): void {
    const { store, consensus, clock } = this.#options;
    const underWay = this.#active.get(purl);
    if (underWay !== undefined) return this.#join(underWay, request);
    if (consensus.find(purl) !== undefined) {
      store.assignRequest(request.id, purl, store.job(purl)?.attempt ?? 0);
      return;
    }
    if (this.full) throw new AssayError('E_REQUEST_QUEUE', { count: this.#active.size });
    const attempt = (store.job(purl)?.attempt ?? 0) + 1;
    const job = new Job({ purl, attempt, opened: clock.now(), request, names: this.#names });
    this.#save(job);
    store.assignRequest(request.id, purl, attempt);
    this.#begin(job);
    this.#options.onNews(job);
  }

  /** How far the work on a package version is; undefined when nothing is known of it. */
  progress(purl: string): RequestProgress | undefined {
    const job = this.#active.get(purl);
    if (job !== undefined) return job.progress();
    const stored = this.#options.store.job(purl)?.progress;
    const index = this.#options.consensus.find(purl);
    if (index === undefined || stored?.state === 'in-log') return stored;
    const needed = this.#options.trust.policy.quorum;
    return { id: '', purl, state: 'in-log', authorities: [], needed, agreed: 0, index };
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

  #join(job: Job, request: JobRequest): void {
    this.#options.store.assignRequest(request.id, job.purl, job.attempt);
    job.requests.add(request.id);
    job.request = request;
    this.#options.onNews(job);
  }

  #resume(stored: StoredJob): void {
    const { store, trust, me } = this.#options;
    const { purl, attempt, opened, envelope, proposal } = stored;
    const bytes = store.request(stored.request)?.bytes;
    if (bytes === undefined) return;
    const job = new Job({
      purl,
      attempt,
      opened,
      request: { id: stored.request, bytes },
      names: this.#names,
    });
    for (const id of store.requestsOf(purl, attempt)) job.requests.add(id);
    const answer = envelope && readOwnAnswer(envelope, trust, me);
    if (answer !== undefined) {
      const proposed = proposal && unwrap(decodeWith(proposal, readProposal));
      this.#adopt(job, answer, proposed);
      job.startedAt = this.#options.clock.elapsed();
    }
    this.#begin(job);
  }

  #begin(job: Job): void {
    this.#active.set(job.purl, job);
    if (job.phase === 'waiting') this.#queue.add(job.purl, () => this.#fetch(job));
    this.#changed(job);
  }

  /** Finds out for itself, unless the job has ended meanwhile. Never rejects. */
  async #fetch(job: Job): Promise<void> {
    const { builder, clock, logger, onNews, trust, me } = this.#options;
    if (!this.#isActive(job)) return;
    try {
      job.phase = 'fetching';
      job.startedAt = clock.elapsed();
      job.round.noteFetching(me);
      this.#changed(job);
      onNews(job);
      const { envelope, proposal } = await builder.answer(unwrap(parsePurl(job.purl)), job.stop.signal);
      if (!this.#isActive(job)) return;
      this.#adopt(job, readOwnAnswer(envelope, trust, me), proposal);
      this.#save(job);
      onNews(job);
      this.#evaluate(job);
      this.#changed(job);
    } catch (error) {
      if (!job.stop.signal.aborted) logger.error(`${job.purl}: ${String(error)}`);
    }
  }

  #adopt(job: Job, answer: Answer, proposal: Job['proposal']): void {
    job.round.take(answer);
    job.phase = 'answered';
    job.envelope = answer.envelope;
    job.proposal = proposal;
  }

  async #tick(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal);
      if (signal.aborted) return;
      try {
        for (const job of this.#active.values()) this.#evaluate(job);
      } catch (error) {
        logger.error(String(error));
      }
    }
  }

  /** Applies the rules to a job as it stands now. */
  #evaluate(job: Job): void {
    const { consensus, clock, connected, limits, me } = this.#options;
    const index = consensus.find(job.purl);
    if (index !== undefined) return this.#settle(job, { state: 'in-log', index });
    const now = clock.elapsed();
    const standing = job.round.standing(new Set([...connected(), me]));
    if (standing.kind === 'open') {
      const { startedAt } = job;
      if (startedAt !== undefined && now - startedAt >= limits.answerTimeoutMs) this.#timeOut(job);
      return;
    }
    job.decidedAt ??= now;
    if (!standing.complete && now - job.decidedAt < limits.graceMs) return;
    if (standing.kind === 'impossible') {
      return this.#settle(job, { state: 'failed', error: job.round.failure() });
    }
    if (!job.ordering) {
      job.ordering = true;
      this.#changed(job);
    }
    if (job.submittedAt === undefined || now - job.submittedAt >= RESUBMIT_MS) {
      job.submittedAt = now;
      const { group } = standing;
      const transaction = job.proposal && assembleTransaction(job.proposal, group, job.round.dissent(group));
      const taken = transaction && consensus.submit(transaction);
      if (taken?.ok === false) this.#options.logger.warn(`${job.purl}: ${taken.error.message}`);
    }
  }

  #timeOut(job: Job): void {
    const { answered, needed } = job.round;
    const seconds = Math.ceil(this.#options.limits.answerTimeoutMs / 1000);
    const error = toWire(new AssayError('E_NO_ANSWER', { answered, needed, seconds }));
    this.#settle(job, { state: 'failed', error });
  }

  #settle(job: Job, ending: Ending): void {
    const { store, clock, logger } = this.#options;
    const settled = clock.now();
    this.#save(job, { settled, progress: job.progress(ending) });
    store.forget(settled - SETTLED_JOB_SECONDS, MAX_SETTLED_JOBS);
    this.#active.delete(job.purl);
    job.stop.abort(new AssayError('E_ABORTED'));
    logger.info(
      ending.state === 'in-log'
        ? `${job.purl} is in the log as entry ${ending.index}`
        : `${job.purl} failed: ${ending.error.code}`,
    );
    this.#changed(job);
  }

  #onFinal({ entries }: FinalBatch): void {
    for (const { index, bytes } of entries) {
      const record = decodeRecord(bytes);
      if (!record.ok || record.value.kind !== 'artifact-add') continue;
      const { purl } = record.value;
      const job = this.#active.get(purl);
      if (job === undefined) this.#correct(purl, index);
      else this.#settle(job, { state: 'in-log', index });
    }
  }

  /** A try that failed here was completed by others: whoever asks later is told so. */
  #correct(purl: string, index: number): void {
    const { store, clock } = this.#options;
    const stored = store.job(purl);
    if (stored?.progress?.state !== 'failed') return;
    const { error: _, ...progress } = stored.progress;
    store.saveJob({ ...stored, settled: clock.now(), progress: { ...progress, state: 'in-log', index } });
    for (const id of store.requestsOf(purl, stored.attempt)) this.changes.changed(id);
  }

  #save(job: Job, end: Pick<StoredJob, 'settled' | 'progress'> = {}): void {
    const { purl, attempt, opened, envelope, proposal, request } = job;
    this.#options.store.saveJob({
      purl,
      attempt,
      opened,
      request: request.id,
      ...(envelope && { envelope }),
      ...(proposal && { proposal: encodeCbor(proposalToCbor(proposal)) }),
      ...end,
    });
  }

  #changed(job: Job): void {
    for (const id of job.requests) this.changes.changed(id);
  }

  #isActive(job: Job): boolean {
    return this.#active.get(job.purl) === job && !this.#stopped.signal.aborted;
  }
}
