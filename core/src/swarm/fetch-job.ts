import { createBreathe, type Breathe } from '../breath.ts';
import type { Clock } from '../clock.ts';
import type { GetBlock } from '../eris/decode.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { abortError, throwIfAborted } from '../net/deadline.ts';
import type { ArtifactSource, SourceFinder } from '../net/sources.ts';
import { askSource } from './ask-source.ts';
import type { ArtifactStore, PackDescription } from './block-store.ts';
import { RateMeter, type FetchPhase, type FetchProgress } from './fetch-progress.ts';
import { PackAssembly } from './pack-assembly.ts';
import { Scheduler, type Assignment } from './scheduler.ts';

/** What is to become of a pack that is all there. */
export interface Judgement<V> {
  readonly fate: 'keep' | 'discard' | 'leave';
  readonly value: V;
}

export interface FetchJobOptions<V> {
  readonly pack: PackDescription;
  readonly store: ArtifactStore;
  readonly finder: SourceFinder;
  readonly clock: Clock;
  /**
   * Judges the whole artifact before anybody can read it. `keep`: the pack becomes readable; `discard`: all of it is deleted;
   * `leave`: the blocks stay for another attempt.
   */
  readonly check: (
    get: GetBlock,
  ) => Promise<{ readonly fate: 'keep' | 'discard' | 'leave'; readonly value: V }>;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}

/** How often open questions are looked at, and the shortest time between two progress reports. */
const TICK_MS = 250;
const REPORT_MS = 100;
const MAX_REASONS_LENGTH = 400;
/** More sources make a fetch no faster; a relay that names thousands must not make it slower. */
const MAX_SOURCES = 32;

/**
 * Fetches one pack from all sources at once into the store, resuming what an earlier run left, and has it judged. Rejects with
 * `E_NO_SOURCE`, `E_ALL_SOURCES_FAILED` (its cause is an AggregateError with one error per source), `E_ABORTED`, `E_STORE…` or, when the
 * capability itself leads nowhere, `E_ERIS_…`.
 */
export async function runFetchJob<V>(options: FetchJobOptions<V>): Promise<V> {
  throwIfAborted(options.signal);
  const writer = await options.store.begin(options.pack);
  try {
    const job = new FetchJob(options, new PackAssembly(options.pack, writer));
    const { fate, value } = await job.run();
    if (fate === 'discard') {
      await writer.close();
      await options.store.remove(options.pack.root);
    }
    return value;
  } finally {
    await writer.close();
  }
}

class FetchJob<V> {
  readonly #options: FetchJobOptions<V>;
  readonly #assembly: PackAssembly;
  readonly #scheduler: Scheduler;
  readonly #sources = new Map<string, ArtifactSource>();
  readonly #questions = new Map<number, { controller: AbortController; done: Promise<void> }>();
  readonly #rate: RateMeter;
  readonly #breathe: Breathe;
  #stillLooking = true;
  #phase: FetchPhase = 'looking';
  #received = 0;
  #fatal: AssayError | undefined;
  #reportedAt = -Infinity;
  #wake = Promise.withResolvers<void>();

  constructor(options: FetchJobOptions<V>, assembly: PackAssembly) {
    this.#options = options;
    this.#assembly = assembly;
    this.#scheduler = new Scheduler({
      blockSize: options.pack.blockSize,
      maxBlocks: assembly.maxBlocks,
    });
    this.#rate = new RateMeter(options.clock);
    this.#breathe = createBreathe(options.clock);
  }

  async run(): Promise<Judgement<V>> {
    try {
      await this.#adopt();
      await this.#receive();
      return await this.#judge();
    } catch (cause) {
      const error = isAssayError(cause) ? cause : new AssayError('E_STORE', { reason: String(cause) }, cause);
      this.#report('failed', error);
      throw error;
    }
  }

  async #receive(): Promise<void> {
    const { signal, clock } = this.#options;
    const looking = new AbortController();
    const onAbort = (): void => this.#wake.resolve();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (!this.#scheduler.complete) this.#look(looking.signal);
      while (!this.#scheduler.complete) {
        this.#wake = Promise.withResolvers();
        throwIfAborted(signal);
        if (this.#fatal !== undefined) throw this.#fatal;
        this.#askMore();
        if (!this.#stillLooking && this.#scheduler.exhausted) throw this.#nobodyDelivered();
        const timer = new AbortController();
        await Promise.race([this.#wake.promise, clock.sleep(TICK_MS, timer.signal)]);
        timer.abort();
      }
    } finally {
      signal?.removeEventListener('abort', onAbort);
      looking.abort(signal?.aborted === true ? abortError(signal) : undefined);
      await this.#endQuestions();
    }
  }

  async #judge(): Promise<Judgement<V>> {
    this.#report('verifying');
    const judgement = await this.#options.check(this.#assembly.getBlock);
    throwIfAborted(this.#options.signal);
    if (judgement.fate === 'keep') await this.#assembly.commit();
    this.#report(judgement.fate === 'keep' ? 'saved' : 'failed');
    return judgement;
  }

  #look(signal: AbortSignal): void {
    const onSource = (source: ArtifactSource): void => {
      if (signal.aborted || this.#sources.has(source.id) || this.#sources.size >= MAX_SOURCES) return;
      this.#sources.set(source.id, source);
      this.#scheduler.addSource(source);
      this.#report(this.#phase === 'looking' ? 'connecting' : this.#phase);
      this.#wake.resolve();
    };
    const { finder, pack } = this.#options;
    const done = (): void => {
      this.#stillLooking = false;
      this.#wake.resolve();
    };
    finder.find(pack.root, onSource, signal).then(done, done);
  }

  #askMore(): void {
    const now = this.#options.clock.elapsed();
    for (const { assignment, ms } of this.#scheduler.stalled(now)) {
      const error = new AssayError('E_SOURCE_STALLED', { seconds: Math.round(ms / 1000) });
      this.#questions.get(assignment)?.controller.abort(error);
      this.#scheduler.fail(assignment, error, now);
    }
    for (const assignment of this.#scheduler.assign(now)) {
      const source = this.#sources.get(assignment.source);
      if (source === undefined) continue;
      const controller = new AbortController();
      const done = this.#ask(source, assignment, controller.signal);
      this.#questions.set(assignment.id, { controller, done });
    }
    this.#report(this.#phase);
  }

  async #ask(source: ArtifactSource, assignment: Assignment, signal: AbortSignal): Promise<void> {
    const { pack, clock } = this.#options;
    try {
      await askSource(source, {
        root: pack.root,
        blockSize: pack.blockSize,
        assignment,
        known: this.#assembly.plan.known(),
        onBlock: (index, block) => this.#take(assignment, index, block),
        signal,
      });
      this.#scheduler.finish(assignment.id, clock.elapsed());
    } catch (cause) {
      const error = isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause);
      if (assignment.indexes.size === 0) this.#scheduler.finish(assignment.id, clock.elapsed());
      else this.#scheduler.fail(assignment.id, error, clock.elapsed());
    } finally {
      this.#questions.delete(assignment.id);
      this.#wake.resolve();
    }
  }

  async #take(assignment: Assignment, index: number, block: Uint8Array): Promise<void> {
    const { plan } = this.#assembly;
    const knownBefore = plan.known().length;
    try {
      if (!(await this.#assembly.take(index, block))) return;
    } catch (error) {
      if (isAssayError(error) && error.code === 'E_SOURCE_BAD_BLOCK') throw error;
      this.#fatal ??= isAssayError(error)
        ? error
        : new AssayError('E_STORE', { reason: String(error) }, error);
      throw this.#fatal;
    }
    this.#rate.add(block.length);
    this.#done(index, assignment);
    if (plan.known().length > knownBefore) await this.#adopt();
    this.#report('receiving');
    await this.#breathe();
  }

  #done(index: number, assignment?: Assignment): void {
    this.#received++;
    const useless = this.#scheduler.markDone(index, this.#options.clock.elapsed(), assignment?.id);
    for (const id of useless) this.#questions.get(id)?.controller.abort();
    if (this.#scheduler.complete) this.#wake.resolve();
  }

  /** Tells the scheduler of all blocks known by now, and takes over those that an earlier run stored. */
  async #adopt(): Promise<void> {
    const { plan } = this.#assembly;
    for (let before = -1; before < plan.known().length;) {
      before = plan.known().length;
      this.#scheduler.setKnown(before, plan.total);
      for await (const index of this.#assembly.adoptStored(this.#breathe)) this.#done(index);
    }
    this.#wake.resolve();
  }

  async #endQuestions(): Promise<void> {
    const open = [...this.#questions.values()];
    for (const { controller } of open) controller.abort();
    await Promise.all(open.map(({ done }) => done));
  }

  #nobodyDelivered(): AssayError {
    const { name } = this.#options.pack;
    const dropped = this.#scheduler.reports().flatMap(({ id, reason }) => (reason ? [{ id, reason }] : []));
    if (dropped.length === 0) return new AssayError('E_NO_SOURCE', { name });
    const reasons = dropped.map(({ id, reason }) => `${this.#sources.get(id)?.label}: ${reason.message}`);
    return new AssayError(
      'E_ALL_SOURCES_FAILED',
      { name, count: dropped.length, reasons: reasons.join(' ').slice(0, MAX_REASONS_LENGTH) },
      new AggregateError(dropped.map(({ reason }) => reason)),
    );
  }

  #report(phase: FetchPhase, error?: AssayError): void {
    const { onProgress, clock, pack } = this.#options;
    const isNews = phase !== this.#phase;
    this.#phase = phase;
    if (onProgress === undefined) return;
    if (!isNews && clock.elapsed() - this.#reportedAt < REPORT_MS) return;
    this.#reportedAt = clock.elapsed();
    onProgress({
      phase,
      received: this.#received,
      total: this.#assembly.maxBlocks,
      bytes: this.#received * pack.blockSize,
      size: pack.contentSize,
      bytesPerSecond: this.#rate.bytesPerSecond,
      sources: this.#scheduler.reports().map((report) => {
        const source = this.#sources.get(report.id);
        const transport = source?.transport;
        return { ...report, label: source?.label ?? report.id, ...(transport && { transport }) };
      }),
      ...(error && { error }),
    });
  }
}
