import type { Clock } from '@assay/core/clock.ts';
import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { decodeSignedRequest, requestId } from '@assay/core/net/signed-request.ts';
import { formatPurl, parsePurl, type Purl } from '@assay/core/records/purl.ts';
import type { Jobs } from '../agreement/jobs.ts';
import type { JobRequest } from '../agreement/job.ts';
import type { NpmRegistry } from '../builds/npm-registry.ts';
import type { Eras } from '../era.ts';
import { followChanges } from './follow.ts';
import type { IntakeStore, StoredRequest } from './intake-store.ts';
import type { RequestGate } from './request-gate.ts';

export interface DeskOptions {
  readonly gate: RequestGate;
  readonly store: IntakeStore;
  readonly jobs: Jobs;
  readonly registry: Pick<NpmRegistry, 'newest'>;
  readonly eras: Eras;
  readonly clock: Clock;
  /** Longest time for finding out a newest version, all tries together. */
  readonly lookupTimeoutMs: number;
}

/** Requests whose newest version is being looked up at once; each holds one short answer of the registry. */
const MAX_LOOKUPS = 16;

/** Takes in requests from relays and requesters, and tells them how far they are. */
export class Desk implements RequestDesk {
  readonly #options: DeskOptions;
  readonly #stopped = new AbortController();
  #lookups = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Goes on with requests that an earlier run had not resolved. */
  start(): void {
    for (const { id, bytes } of this.#options.store.unresolved()) {
      const request = decodeSignedRequest(bytes);
      const purl = request.ok ? parsePurl(request.value.purl) : request;
      if (purl.ok) this.#open({ id, bytes }, purl.value);
      else this.#fail(id, purl.error);
    }
  }

  stop(): void {
    this.#stopped.abort(new AssayError('E_ABORTED'));
  }

  // oxlint-disable-next-line require-await -- a desk answers with promises; this one's work is synchronous
  async submit(encoded: Uint8Array): Promise<RequestProgress> {
    const { store, gate, jobs, clock, eras } = this.#options;
    const id = requestId(unwrap(decodeSignedRequest(encoded)));
    const known = this.#progress(id);
    if (known !== undefined) return known;
    const { trust, me } = eras.current;
    if (me === undefined) throw new AssayError('E_NOT_AN_AUTHORITY', { epoch: trust.current.epoch });
    const { purl } = unwrap(gate.admit(encoded));
    if (!jobs.hasRoomFor(formatPurl(purl)) || this.#lookups >= MAX_LOOKUPS) {
      throw new AssayError('E_REQUEST_QUEUE', { count: jobs.active.size + this.#lookups });
    }
    store.addRequest({ id, bytes: encoded, received: clock.now() });
    this.#open({ id, bytes: encoded }, purl);
    return unwrapProgress(this.#progress(id), id);
  }

  follow(id: string): AsyncIterable<RequestProgress> {
    const { jobs } = this.#options;
    unwrapProgress(this.#progress(id), id);
    return followChanges({
      read: () => unwrapProgress(this.#progress(id), id),
      isLast: isSettled,
      watch: (watcher) => jobs.changes.watch(id, watcher),
    });
  }

  #open(request: JobRequest, purl: Purl): void {
    if (purl.version === undefined) void this.#resolve(request, purl);
    else this.#assign(request, purl);
  }

  /** Finds out the newest version. Never rejects. */
  async #resolve(request: JobRequest, purl: Purl): Promise<void> {
    const { registry, clock, lookupTimeoutMs } = this.#options;
    this.#lookups++;
    try {
      const newest = await withDeadline(clock, lookupTimeoutMs, this.#stopped.signal, (signal) =>
        registry.newest(purl, signal),
      );
      if (!this.#stopped.signal.aborted) this.#assign(request, newest);
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#fail(request.id, error);
    } finally {
      this.#lookups--;
    }
  }

  #assign(request: JobRequest, purl: Purl): void {
    try {
      unwrap(this.#options.jobs.open(request, formatPurl(purl)));
      this.#options.jobs.changes.changed(request.id);
    } catch (error) {
      this.#fail(request.id, error);
    }
  }

  #fail(id: string, error: unknown): void {
    const name = error instanceof Error ? error.name : 'none';
    const coded = isAssayError(error) ? error : new AssayError('E_UNKNOWN', { code: name }, error);
    this.#options.store.failRequest(id, toWire(coded));
    this.#options.jobs.changes.changed(id);
  }

  #progress(id: string): RequestProgress | undefined {
    const request = this.#options.store.request(id);
    if (request === undefined) return undefined;
    const job = request.purl === undefined ? undefined : this.#options.jobs.progress(request.purl);
    return job === undefined ? this.#unresolved(request) : { ...job, id };
  }

  #unresolved({ id, bytes, error }: StoredRequest): RequestProgress {
    const { purl } = unwrap(decodeSignedRequest(bytes));
    const common = {
      id,
      purl,
      authorities: [],
      needed: this.#options.eras.current.trust.current.policy.quorum,
      agreed: 0,
    };
    return error === undefined ? { ...common, state: 'queued' } : { ...common, state: 'failed', error };
  }
}

function unwrapProgress(progress: RequestProgress | undefined, id: string): RequestProgress {
  if (progress === undefined) throw new AssayError('E_REQUEST_UNKNOWN', { id });
  return progress;
}
