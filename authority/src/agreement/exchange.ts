import type { Clock } from '@assay/core/clock.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { decodeSignedRequest, requestId } from '@assay/core/net/signed-request.ts';
import { bitmapIndices, bitmapOf } from '@assay/core/records/bitmap.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { Era, Eras } from '../era.ts';
import type { IntakeStore } from '../intake/intake-store.ts';
import type { RequestGate } from '../intake/request-gate.ts';
import { OFFER_INTERVAL_MS } from '../limits.ts';
import type { AuthorityLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import { readAnswer } from './answers.ts';
import type { Job, JobRequest } from './job.ts';
import type { Jobs } from './jobs.ts';
import { decodeOffer, encodeOffer, type Offer } from './offer.ts';

export interface ExchangeOptions {
  readonly eras: Eras;
  readonly channel: MeshChannel;
  readonly jobs: Jobs;
  readonly store: IntakeStore;
  readonly gate: RequestGate;
  readonly clock: Clock;
  readonly logger: AuthorityLogger;
}

/** Pauses between two tellings of one job's state double up to this. */
const MAX_OFFER_PAUSE_MS = 16_000;

/**
 * Tells the other authorities of this one's jobs and answers and hears of theirs. The channel may lose anything: states are told
 * again, with a wish for what is missing, until a job has ended; every message names the request, so that it starts the job where
 * it is not known.
 */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #stopped = new AbortController();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  start(): void {
    const { channel, jobs } = this.#options;
    channel.onMessage((from, bytes) => this.#receive(from, bytes));
    channel.onConnect((peer) => {
      for (const job of jobs.active.values())
        channel.send(peer, this.#offer(job, { ask: true, answer: true }));
    });
    void this.#tick();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Tells everybody at once how far a job is, with the own answer if there is one. */
  tell(job: Job): void {
    job.offerPauseMs = OFFER_INTERVAL_MS;
    job.nextOfferAt = this.#options.clock.elapsed() + job.offerPauseMs;
    this.#options.channel.broadcast(this.#offer(job, { ask: true, answer: true }));
  }

  async #tick(): Promise<void> {
    const { clock, jobs, channel } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await clock.sleep(OFFER_INTERVAL_MS / 2, signal);
      const now = clock.elapsed();
      for (const job of jobs.active.values()) {
        if (job.phase === 'waiting' || job.ordering || now < job.nextOfferAt) continue;
        job.offerPauseMs = Math.min(Math.max(2 * job.offerPauseMs, OFFER_INTERVAL_MS), MAX_OFFER_PAUSE_MS);
        job.nextOfferAt = now + job.offerPauseMs;
        channel.broadcast(this.#offer(job, { ask: true, answer: false }));
      }
    }
  }

  #receive(name: string, bytes: Uint8Array): void {
    const { logger } = this.#options;
    try {
      const offer = decodeOffer(bytes);
      const handled = offer.ok ? this.#handle(name, offer.value) : offer;
      if (!handled.ok) logger.warn(`an offer of ${name} was refused: ${handled.error.message}`);
    } catch (error) {
      logger.error(`an offer of ${name} could not be handled: ${String(error)}`);
    }
  }

  #handle(sender: string, offer: Offer): Result<void> {
    const { jobs, store, channel } = this.#options;
    const { trust } = this.#era;
    // Others know of a newer epoch already; what they say is said again once it is known here, too.
    if (offer.epoch > trust.current.epoch) return ok(undefined);
    const from = indexOfAuthority(trust.current, sender);
    // Who has just left may bring the requests it took in before; its word on them does not count any more.
    const left = trust.sets.at(-2);
    const isFormer = left !== undefined && indexOfAuthority(left, sender) >= 0;
    if (from < 0 && !isFormer) return fail('E_REFUSED', { reason: 'not an authority of this epoch' });
    const request = decodeSignedRequest(offer.request);
    if (!request.ok) return request;
    const id = requestId(request.value);
    let job = jobs.active.get(offer.purl);
    if (job?.requests.has(id) !== true) {
      if (store.request(id)?.purl !== undefined) {
        if (offer.ask) this.#answerFromStore(sender, offer, id, job);
        return ok(undefined);
      }
      // A node outside the set only follows: what others work on will reach it in the log.
      if (this.#era.me === undefined) return ok(undefined);
      const joined = this.#join(sender, { id, bytes: offer.request }, offer.purl);
      if (!joined.ok) return joined;
      job = jobs.active.get(offer.purl);
      if (job === undefined) return ok(undefined);
    }
    // A member of another epoch will hear of this one; until then it can only bring requests.
    if (from < 0 || offer.epoch !== trust.current.epoch) return ok(undefined);
    if (offer.phase === 'fetching') jobs.noteFetching(job, from);
    if (offer.ask && job.envelope !== undefined && this.#lacksMine(offer)) {
      channel.send(sender, this.#offer(job, { ask: false, answer: true }));
    }
    if (offer.envelope === undefined) return ok(undefined);
    const answer = readAnswer(offer.envelope, { authority: from, purl: offer.purl }, trust);
    if (!answer.ok) return answer;
    jobs.take(job, answer.value);
    return ok(undefined);
  }

  /** A request that another authority took in becomes ours. */
  #join(from: string, request: JobRequest, purl: string): Result<void> {
    const { gate, jobs, store, clock } = this.#options;
    const admitted = gate.admitForwarded(request.bytes, from, purl);
    if (!admitted.ok) return admitted;
    if (store.request(request.id) === undefined) store.addRequest({ ...request, received: clock.now() });
    return jobs.open(request, purl);
  }

  /**
   * The sender is at a try that is not under way here: it ended here, or a newer one was begun. Of an ended one it gets our answer,
   * of a newer one our state, which takes it along.
   */
  #answerFromStore(from: string, offer: Offer, id: string, newer: Job | undefined): void {
    const { channel, store } = this.#options;
    const { me } = this.#era;
    if (newer !== undefined) return channel.send(from, this.#offer(newer, { ask: false, answer: true }));
    const stored = store.job(offer.purl);
    const envelope = stored?.attempt === store.request(id)?.attempt ? stored?.envelope : undefined;
    if (envelope === undefined || me === undefined || !this.#lacksMine(offer)) return;
    const { request, purl } = offer;
    const { epoch } = this.#era.trust.current;
    const have = this.#bitmap([me]);
    channel.send(from, encodeOffer({ epoch, request, purl, phase: 'answered', envelope, have, ask: false }));
  }

  #lacksMine({ have }: Offer): boolean {
    const { trust, me } = this.#era;
    const total = trust.current.authorities.length;
    return me !== undefined && bitmapIndices(have, total)?.includes(me) !== true;
  }

  #offer(job: Job, { ask, answer }: { readonly ask: boolean; readonly answer: boolean }): Uint8Array {
    const { request, purl, phase, envelope, round } = job;
    return encodeOffer({
      epoch: this.#era.trust.current.epoch,
      request: request.bytes,
      purl,
      phase,
      ...(answer && envelope && { envelope }),
      have: this.#bitmap(round.answeredBy()),
      ask,
    });
  }

  get #era(): Era {
    return this.#options.eras.current;
  }

  #bitmap(indices: Iterable<number>): Uint8Array {
    return bitmapOf(indices, this.#era.trust.current.authorities.length);
  }
}
