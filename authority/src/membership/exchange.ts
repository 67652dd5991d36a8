import type { Clock } from '@assay/core/clock.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { ok, unwrap, type Result } from '@assay/core/errors/result.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import type { Acceptance } from '@assay/core/records/membership.ts';
import type { Eras } from '../era.ts';
import type { AuthorityLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import type { KnownCandidate, MembershipBook, PendingChange } from './book.ts';
import { decodeNotice, encodeNotice, type Notice } from './notice.ts';
import { peerName } from './peers.ts';
import { candidateId, type Plan } from './plan.ts';

export interface MembershipExchangeOptions {
  readonly eras: Eras;
  /** What is known in the epoch in force. */
  readonly book: () => MembershipBook;
  readonly channel: MeshChannel;
  readonly height: () => number;
  readonly clock: Clock;
  readonly logger: AuthorityLogger;
  readonly onCandidates: () => void;
}

/** Pauses between two tellings of the same double from the first to the last of these. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 8_000;
/** A candidate says where it stands this often. */
const OFFER_PAUSE_MS = 2_000;
const TICK_MS = 250;

/**
 * Tells the others of candidates and of changes under way, again and again until the epoch ends: the channel may lose anything. While
 * nothing is under way, nothing is sent.
 */
export class MembershipExchange {
  readonly #options: MembershipExchangeOptions;
  readonly #stopped = new AbortController();
  #nextAt = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #offeredAt = -Infinity;

  constructor(options: MembershipExchangeOptions) {
    this.#options = options;
  }

  start(): void {
    const { channel } = this.#options;
    channel.onMessage((from, bytes) => this.#receive(from, bytes));
    channel.onConnect((peer) => {
      for (const notice of this.#notices()) channel.send(peer, notice);
    });
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** There is news: it is told at the next occasion. */
  hurry(): void {
    this.#nextAt = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** Says, not too often, that this node would join, and how far it is. */
  offerSelf(candidate: Candidate, acceptance: Acceptance): void {
    const { clock, channel } = this.#options;
    if (clock.elapsed() - this.#offeredAt < OFFER_PAUSE_MS) return;
    this.#offeredAt = clock.elapsed();
    const said = { ...acceptance, candidate: idBytes(candidateId(candidate)) };
    channel.broadcast(encodeNotice({ ...this.#heading(), candidates: [], acceptances: [said] }));
  }

  async #run(): Promise<void> {
    const { clock, channel } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await clock.sleep(TICK_MS, signal);
      if (signal.aborted || clock.elapsed() < this.#nextAt) continue;
      for (const notice of this.#notices()) channel.broadcast(notice);
      this.#nextAt = clock.elapsed() + this.#pauseMs;
      this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
    }
  }

  /**
   * All that a member has to tell: the candidates that its operator introduced, and each change under way with those it adds. What
   * others introduced they tell themselves: nobody's share of the room at others is taken by what it passes on.
   */
  #notices(): Uint8Array[] {
    if (this.#options.eras.current.me === undefined) return [];
    const { candidates, pending } = this.#options.book();
    const noticeOf = (named: readonly KnownCandidate[], change?: PendingChange): Uint8Array =>
      encodeNotice({
        ...this.#heading(),
        candidates: named.map(({ candidate }) => candidate),
        acceptances: named.flatMap(({ id, acceptance }) =>
          acceptance === undefined ? [] : [{ ...acceptance, candidate: idBytes(id) }],
        ),
        ...(change === undefined ? {} : { change: saidOf(change) }),
      });
    const own = candidates.filter(({ by }) => by === undefined);
    const changes = pending.map((change) => {
      const ids = change.plan.flatMap((part) => (part.kind === 'add' ? [candidateId(part.candidate)] : []));
      return noticeOf(
        candidates.filter(({ id }) => ids.includes(id)),
        change,
      );
    });
    return own.length > 0 ? [noticeOf(own), ...changes] : changes;
  }

  #heading(): Pick<Notice, 'v' | 'epoch' | 'height'> {
    return { v: 1, epoch: this.#options.book().context.set.epoch, height: this.#options.height() };
  }

  #receive(from: string, bytes: Uint8Array): void {
    const { logger } = this.#options;
    const notice = decodeNotice(bytes);
    const handled = notice.ok ? this.#handle(from, notice.value) : notice;
    if (!handled.ok) logger.warn(`a notice of ${from} was refused: ${handled.error.message}`);
  }

  /** Takes from a notice all that is good. Fails with what was wrong first in the rest. */
  #handle(from: string, notice: Notice): Result<void> {
    const { book: currentBook, clock, onCandidates } = this.#options;
    const book = currentBook();
    const isMember = indexOfAuthority(book.context.set, from) >= 0;
    // What was said for another epoch does not count in this one.
    const isTimely = notice.epoch === book.context.set.epoch;
    const before = book.candidates.length;
    const done: Result<unknown>[] = [];
    if (isMember) {
      const parts = notice.change?.parts ?? [];
      const isProposed = (id: string): boolean =>
        parts.some((part) => part.kind === 'add' && toHex(part.candidate) === id);
      const introduced = notice.candidates.filter((candidate) => !isProposed(candidateId(candidate)));
      done.push(...introduced.map((candidate) => book.addCandidate(candidate, from)));
    }
    const news: Result<boolean>[] = [];
    if (isMember && isTimely) news.push(...this.#count(notice, book));
    for (const known of book.candidates) {
      if (peerName(known.candidate, book) !== from) continue;
      known.heard = { height: notice.height, at: clock.elapsed() };
    }
    if (isTimely) {
      for (const { candidate, ...acceptance } of notice.acceptances)
        news.push(book.addAcceptance(toHex(candidate), acceptance));
    }
    const isMore = book.candidates.length > before;
    if (isMore) onCandidates();
    if (isMore || news.some((one) => one.ok && one.value)) this.hurry();
    const failed = [...done, ...news].find((one) => !one.ok);
    return failed?.ok === false ? failed : ok(undefined);
  }

  /** Counts the ballots about a change, one by one. A change without any that approves is nobody's wish. */
  #count({ candidates, change }: Notice, book: MembershipBook): Result<boolean>[] {
    if (change?.ballots.some(({ approve }) => approve) !== true) return [];
    const named = new Map(candidates.map((candidate) => [candidateId(candidate), candidate]));
    const plan: Plan[number][] = [];
    for (const part of change.parts) {
      if (part.kind === 'remove') {
        plan.push(part);
        continue;
      }
      const id = toHex(part.candidate);
      const candidate = book.candidate(id)?.candidate ?? named.get(id);
      if (candidate === undefined) return [];
      plan.push({ kind: 'add', candidate });
    }
    const proposed = book.addProposal(plan, change.ballots);
    if (!proposed.ok) return [proposed];
    return change.ballots.map((ballot) => book.addBallot(proposed.value.id, ballot));
  }
}

function saidOf({ plan, ballots }: PendingChange): NonNullable<Notice['change']> {
  const parts = plan.map((part) =>
    part.kind === 'remove' ? part : { kind: part.kind, candidate: idBytes(candidateId(part.candidate)) },
  );
  return { parts, ballots: [...ballots.values()] };
}

function idBytes(id: string): Uint8Array {
  return unwrap(fromHex(id));
}
