import type { Clock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap, type Result } from '@assay/core/errors/result.ts';
import type { Candidate } from '@assay/core/records/candidate.ts';
import { epochContext, type EpochContext } from '@assay/core/records/epoch-context.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { indicesOf, type Era, type Eras } from '../era.ts';
import type { KeyRing } from '../key-ring.ts';
import type { AuthorityLogger } from '../logger.ts';
import type { MeshChannel } from '../network/mesh.ts';
import { loadWill, saveWill, type OperatorWill } from './approvals.ts';
import { MembershipBook, type KnownCandidate, type PendingChange } from './book.ts';
import { MembershipExchange } from './exchange.ts';
import { acceptIn } from './own-candidate.ts';
import { signBallot } from './own-ballot.ts';
import { candidateId, flawOfPlan, type Plan } from './plan.ts';

export interface MembershipOptions {
  readonly dataDir: string;
  readonly ring: KeyRing;
  readonly eras: Eras;
  readonly channel: MeshChannel;
  /** Hands a transaction to consensus. */
  readonly submit: (transaction: Uint8Array) => Result<void>;
  /** Last final consensus block of this authority. */
  readonly height: () => number;
  /** What this authority would join with while it is not in the set; none when it cannot be reached by others. */
  readonly own: () => Candidate | undefined;
  readonly clock: Clock;
  readonly logger: AuthorityLogger;
  /** Called when other candidates are known than before: they may connect. */
  readonly onCandidates: () => void;
}

/** Between two looks at what is to be done. */
const ROUND_MS = 500;
/** A candidate counts as synced within this many consensus blocks of this authority, as it said not longer ago than this. */
const SYNCED_BLOCKS = 8;
const HEARD_MS = 15_000;
/** With a quorum of approvals, this long the others who are there may still offer their keys for the next epoch. */
const GRACE_MS = 3_000;
/** One authority after the other submits a change, so that not all bring their own version of it at once. */
const TURN_MS = 1_000;
const MAX_TURNS = 5;
const RESUBMIT_MS = 5_000;
/** What an operator approved and what came to nothing is forgotten after this time. */
const APPROVAL_SECONDS = 24 * 3600;

/**
 * One authority's part in changing the set: it carries out what its operator approved, offers its own fresh keys to what others
 * approve, and brings a change before consensus that a quorum approves. Outside the set it offers itself as a candidate.
 */
export class Membership {
  readonly #options: MembershipOptions;
  readonly #exchange: MembershipExchange;
  readonly #stopped = new AbortController();
  readonly #readyAt = new Map<string, number>();
  readonly #submittedAt = new Map<string, number>();
  #book: MembershipBook;
  #will: OperatorWill;
  #working: Promise<void> = Promise.resolve();

  private constructor(options: MembershipOptions, will: OperatorWill) {
    this.#options = options;
    this.#will = will;
    this.#book = this.#newBook();
    this.#exchange = new MembershipExchange({ ...options, book: () => this.#book });
  }

  /** Opens what was stored of an earlier run. Throws `E_AUTHORITY_CONFIG`. */
  static async open(options: MembershipOptions): Promise<Membership> {
    return new Membership(options, await loadWill(options.dataDir));
  }

  start(): void {
    this.#options.eras.onChange(() => this.#enterEpoch());
    this.#exchange.start();
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
    this.#exchange.stop();
  }

  get candidates(): readonly KnownCandidate[] {
    return this.#book.candidates;
  }

  get pending(): readonly PendingChange[] {
    return this.#book.pending;
  }

  get book(): MembershipBook {
    return this.#book;
  }

  /** Whether a candidate was heard of lately and is about as far as this authority. */
  isSynced({ heard }: KnownCandidate): boolean {
    const { clock, height } = this.#options;
    if (heard === undefined || clock.elapsed() - heard.at > HEARD_MS) return false;
    return heard.height + SYNCED_BLOCKS >= height();
  }

  /** Whether this authority's own operator has approved a change. */
  isApprovedHere({ id }: PendingChange): boolean {
    return this.#applicable().some(({ change }) => change.id === id);
  }

  /** Makes a candidate known on the word of this authority's operator. Fails with `E_CANDIDATE`. */
  async introduce(candidate: Candidate): Promise<KnownCandidate> {
    return await this.#exclusively(async () => {
      const known = unwrap(this.#book.addCandidate(candidate));
      if (known === undefined) throw new AssayError('E_CANDIDATE', { reason: 'it is in the set already' });
      const others = this.#will.candidates.filter((one) => candidateId(one) !== known.id);
      await this.#store({ ...this.#will, candidates: [...others, candidate] });
      this.#options.onCandidates();
      this.#exchange.hurry();
      return known;
    });
  }

  /** Approves a change on the word of this authority's operator. Fails with `E_MEMBERSHIP` and `E_NOT_AN_AUTHORITY`. */
  async approve(plan: Plan): Promise<PendingChange> {
    return await this.#exclusively(async () => {
      const { trust, me } = this.#era;
      if (me === undefined) throw new AssayError('E_NOT_AN_AUTHORITY', { epoch: trust.current.epoch });
      const change = unwrap(this.#book.addPlan(plan));
      if (!this.isApprovedHere(change)) {
        const approvals = [...this.#will.approvals, { plan, at: this.#options.clock.now() }];
        await this.#store({ ...this.#will, approvals });
      }
      await this.#cast(change, me, true);
      return change;
    });
  }

  get #era(): Era {
    return this.#options.eras.current;
  }

  #newBook(): MembershipBook {
    const context: EpochContext = unwrap(epochContext(this.#era.trust));
    const book = new MembershipBook(context, verifyEd25519Node);
    for (const candidate of this.#will.candidates) book.addCandidate(candidate);
    return book;
  }

  /** Candidates stay known; what the operator approved and is still possible is approved in the new epoch, too. */
  #enterEpoch(): void {
    const before = this.#book.candidates;
    this.#book = this.#newBook();
    for (const { candidate, by, heard } of before) {
      const known = this.#book.addCandidate(candidate, by);
      if (known.ok && known.value !== undefined && heard !== undefined) known.value.heard = heard;
    }
    this.#readyAt.clear();
    this.#submittedAt.clear();
    this.#exchange.hurry();
    void this.#exclusively(() => this.#forget());
    this.#options.onCandidates();
  }

  /** Drops approvals that are carried out or have become impossible, and candidates that joined. */
  async #forget(): Promise<void> {
    const { context } = this.#book;
    const oldest = this.#options.clock.now() - APPROVAL_SECONDS;
    const approvals = this.#will.approvals.filter(
      ({ plan, at }) => at >= oldest && flawOfPlan(plan, context) === undefined && this.#areOpen(plan),
    );
    const candidates = this.#will.candidates.filter((one) => this.#book.candidate(candidateId(one)));
    const same =
      approvals.length === this.#will.approvals.length && candidates.length === this.#will.candidates.length;
    if (!same) await this.#store({ candidates, approvals });
  }

  #areOpen(plan: Plan): boolean {
    return plan.every((part) => part.kind === 'remove' || this.#book.candidate(candidateId(part.candidate)));
  }

  /** What this authority's operator has approved, as changes of this epoch. */
  #applicable(): { readonly change: PendingChange }[] {
    return this.#will.approvals.flatMap(({ plan }) => {
      if (!this.#areOpen(plan)) return [];
      const change = this.#book.addPlan(plan);
      return change.ok ? [{ change: change.value }] : [];
    });
  }

  async #run(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await clock.sleep(ROUND_MS, signal);
      if (signal.aborted) return;
      await this.#exclusively(() => this.#round()).catch((error: unknown) => logger.error(String(error)));
    }
  }

  async #round(): Promise<void> {
    const { me } = this.#era;
    if (me === undefined) return this.#offerSelf();
    for (const { change } of this.#applicable()) await this.#cast(change, me, true);
    for (const change of this.#book.pending) {
      if (this.#book.approvals(change).length > 0) await this.#cast(change, me, false);
      this.#submitWhenReady(change, me);
    }
  }

  #offerSelf(): void {
    const { own, ring } = this.#options;
    const candidate = own();
    const seed = candidate && ring.voteSeed(candidate.authority.voteKey);
    if (candidate === undefined || seed === undefined) return;
    this.#exchange.offerSelf(candidate, acceptIn(this.#book.context, candidate, seed));
  }

  /** Says once what this authority has to say about a change; the keys it names are on disk before. */
  async #cast(change: PendingChange, me: number, approve: boolean): Promise<void> {
    const { ring, logger } = this.#options;
    const { set } = this.#book.context;
    const mine = change.ballots.get(me);
    if (mine?.approve === true || (mine !== undefined && !approve)) return;
    if (approve && !this.#candidatesOf(change).every((known) => known !== undefined && this.isSynced(known)))
      return;
    const member = set.authorities[me];
    const voteSeed = member && ring.voteSeed(member.voteKey);
    if (member === undefined || voteSeed === undefined) return;
    const fresh = await ring.freshPair(set.epoch + 1);
    const voter = { authority: me, name: member.name, voteSeed, fresh };
    if (this.#book.context.set !== set) return;
    unwrap(this.#book.addBallot(change.id, signBallot(change.subject, voter, approve)));
    if (approve) logger.info(`approved the change ${change.id.slice(0, 8)} of the authorities`);
    this.#exchange.hurry();
  }

  #candidatesOf({ plan }: PendingChange): (KnownCandidate | undefined)[] {
    return plan.flatMap((part) =>
      part.kind === 'add' ? [this.#book.candidate(candidateId(part.candidate))] : [],
    );
  }

  #submitWhenReady(change: PendingChange, me: number): void {
    const transaction = this.#book.transaction(change);
    if (transaction === undefined) return;
    const { clock, submit, logger } = this.#options;
    const now = clock.elapsed();
    const readyAt = this.#readyAt.get(change.id) ?? now;
    this.#readyAt.set(change.id, readyAt);
    const there = [...indicesOf(this.#era, this.#options.channel.connected()), me].toSorted((a, b) => a - b);
    const shift = change.subject.digest[0] ?? 0;
    const turn = Math.min((there.indexOf(me) + shift) % there.length, MAX_TURNS);
    const grace = there.every((index) => change.ballots.has(index)) ? 0 : GRACE_MS;
    if (now - readyAt < grace + turn * TURN_MS) return;
    if (now - (this.#submittedAt.get(change.id) ?? -Infinity) < RESUBMIT_MS) return;
    this.#submittedAt.set(change.id, now);
    const taken = submit(encodeTransaction(transaction));
    if (!taken.ok)
      logger.warn(`the change ${change.id.slice(0, 8)} of the authorities: ${taken.error.message}`);
  }

  async #store(will: OperatorWill): Promise<void> {
    await saveWill(this.#options.dataDir, will);
    this.#will = will;
  }

  /** One thing after the other: what an operator asks, what the rounds do, what a new epoch makes of it. */
  #exclusively<T>(work: () => Promise<T> | T): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }
}
