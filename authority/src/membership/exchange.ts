import type { Clock } from '@assay/core/clock.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { ok, unwrap, type Result } from '@assay/core/errors/result.ts';
import { indexOfAuthority } from '@assay/core/records/authority-set.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import type { Acceptance } from '@assay/core/records/membership.ts';
import type { Eras } from '../era.ts';
import type { AuthorityLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import type { MembershipBook, PendingChange } from './book.ts';
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

  /** All that a member has to tell: one notice for each change under way, or one of the candidates alone. */
  #notices(): Uint8Array[] {
    if (this.#options.eras.current.me === undefined) return [];
    const { candidates, pending } = this.#options.book();
    const known = {
      ...this.#heading(),
      candidates: candidates.map(({ candidate }) => candidate),
      acceptances: candidates.flatMap(({ id, acceptance }) =>
        acceptance === undefined ? [] : [{ ...acceptance, candidate: idBytes(id) }],
      ),
    };
    if (pending.length > 0)
      return pending.map((change) => encodeNotice({ ...known, change: saidOf(change) }));
    return candidates.length > 0 ? [encodeNotice(known)] : [];
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

  #handle(from: string, notice: Notice): Result<void> {
    const { book: currentBook, clock, onCandidates } = this.#options;
    const book = currentBook();
    const isMember = indexOfAuthority(book.context.set, from) >= 0;
    let isNews = false;
    if (isMember) {
      const before = book.candidates.length;
      for (const candidate of notice.candidates) {
        const added = book.addCandidate(candidate);
        if (!added.ok) return added;
      }
      if (book.candidates.length > before) {
        isNews = true;
        onCandidates();
      }
    }
    for (const known of book.candidates) {
      if (peerName(known.candidate, book) !== from) continue;
      known.heard = { height: notice.height, at: clock.elapsed() };
    }
    // What was said for another epoch does not count in this one.
    if (notice.epoch !== book.context.set.epoch) return ok(undefined);
    for (const { candidate, ...acceptance } of notice.acceptances) {
      const added = book.addAcceptance(toHex(candidate), acceptance);
      if (!added.ok) return added;
      isNews ||= added.value;
    }
    const counted = isMember && notice.change !== undefined ? this.#count(notice.change, book) : ok(false);
    if (!counted.ok) return counted;
    if (isNews || counted.value) this.hurry();
    return ok(undefined);
  }

  /** Counts the ballots about a change. One without any is nobody's wish. */
  #count({ parts, ballots }: NonNullable<Notice['change']>, book: MembershipBook): Result<boolean> {
    const plan: Plan[number][] = [];
    for (const part of parts) {
      if (part.kind === 'remove') {
        plan.push(part);
        continue;
      }
      const known = book.candidates.find(({ id }) => equalBytes(idBytes(id), part.candidate));
      if (known === undefined) return ok(false);
      plan.push({ kind: 'add', candidate: known.candidate });
    }
    if (!ballots.some(({ approve }) => approve)) return ok(false);
    const change = book.addPlan(plan);
    if (!change.ok) return change;
    let isNews = false;
    for (const ballot of ballots) {
      const added = book.addBallot(change.value.id, ballot);
      if (!added.ok) return added;
      isNews ||= added.value;
    }
    return ok(isNews);
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
