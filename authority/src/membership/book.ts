import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { checkCandidate, type Candidate } from '@assay/core/records/candidate.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import {
  checkAcceptance,
  checkBallot,
  type Acceptance,
  type BallotSubject,
  type MembershipBallot,
} from '@assay/core/records/membership.ts';
import { maxChanges } from '@assay/core/records/next-set.ts';
import type { AuthorityChangeTransaction } from '@assay/core/records/transaction.ts';
import { MAX_CANDIDATES } from './notice.ts';
import { candidateId, changesOf, flawOfPlan, planDigest, type Plan } from './plan.ts';

/** Changes that the own operator may have under way in one epoch; only one of them can be made. */
const MAX_OWN_PLANS = 16;
/** Changes under way that one other member is the sponsor of: that many may be junk for each member that is faulty. */
const MAX_PLANS_EACH = 4;
/** Candidates that one other member may bring, where the largest change does not need more. */
const MIN_CANDIDATES_EACH = 8;

/** A candidate that some operator has introduced. */
export interface KnownCandidate {
  /** Hex digest of what it stands for. */
  readonly id: string;
  readonly candidate: Candidate;
  /** The member that brought it and whose share it counts to; none for one that this authority's own operator introduced. */
  by: string | undefined;
  /** For the epoch in force. */
  acceptance?: Acceptance;
  /** What it last said of itself: its height, and when, in milliseconds of the steady clock. */
  heard?: { readonly height: number; readonly at: number };
}

/** A change that at least one operator wants in this epoch. */
export interface PendingChange {
  /** Hex of the digest that ballots are about. */
  readonly id: string;
  readonly plan: Plan;
  /** A member that approves it and whose share it counts to; none for one that this authority's own operator brought. */
  readonly by: string | undefined;
  readonly subject: BallotSubject;
  /** By index in the set. */
  readonly ballots: ReadonlyMap<number, MembershipBallot>;
}

/**
 * All that is known of candidates and of changes of the set in one epoch: nothing enters that is not signed by whom it speaks of. Every
 * member has its share of the room, so that none can take that of the others. Pure bookkeeping; no clock, no network.
 */
export class MembershipBook {
  readonly context: EpochContext;
  readonly #verify: VerifyEd25519;
  readonly #candidates = new Map<string, KnownCandidate>();
  readonly #pending = new Map<string, PendingChange & { readonly ballots: Map<number, MembershipBallot> }>();

  constructor(context: EpochContext, verify: VerifyEd25519) {
    this.context = context;
    this.#verify = verify;
  }

  get candidates(): readonly KnownCandidate[] {
    return [...this.#candidates.values()];
  }

  get pending(): readonly PendingChange[] {
    return [...this.#pending.values()];
  }

  candidate(id: string): KnownCandidate | undefined {
    return this.#candidates.get(id);
  }

  /**
   * Notes a candidate that can still join, brought by a member or, without `by`, by the own operator. Gives undefined for one that
   * is in the set already. Fails with `E_CANDIDATE`, also where that member has brought as many as it may.
   */
  addCandidate(candidate: Candidate, by?: string): Result<KnownCandidate | undefined> {
    const id = candidateId(candidate);
    const known = this.#candidates.get(id);
    if (known !== undefined) {
      known.by = by === undefined ? undefined : known.by;
      return ok(known);
    }
    const { set, trust } = this.context;
    if (set.authorities.some(({ voteKey }) => equalBytes(voteKey, candidate.authority.voteKey)))
      return ok(undefined);
    if (!this.#hasRoom(by, 1)) {
      return fail('E_CANDIDATE', { reason: `${by ?? 'its operator'} has brought as many others as it may` });
    }
    const checked = checkCandidate(candidate, trust.networkId, this.#verify);
    if (!checked.ok) return checked;
    const added: KnownCandidate = { id, candidate, by };
    this.#candidates.set(id, added);
    return ok(added);
  }

  /** Notes that a known candidate accepts. True when that is news. */
  addAcceptance(id: string, acceptance: Acceptance): Result<boolean> {
    const known = this.#candidates.get(id);
    if (known === undefined || known.acceptance !== undefined) return ok(false);
    const { set, start } = this.context;
    const checked = checkAcceptance(
      known.candidate,
      acceptance,
      { ...start, epoch: set.epoch },
      this.#verify,
    );
    if (!checked.ok) return checked;
    known.acceptance = acceptance;
    return ok(true);
  }

  /** The change that a plan of the own operator stands for, whether it was known or not. Fails with `E_MEMBERSHIP` when it cannot be made. */
  addPlan(plan: Plan): Result<PendingChange> {
    return this.#addChange(plan, () =>
      this.#plansOf(undefined) < MAX_OWN_PLANS
        ? ok(undefined)
        : fail('E_MEMBERSHIP', { reason: `${MAX_OWN_PLANS} changes are under way already` }),
    );
  }

  /**
   * The change that others speak of, whether it was known or not, and its candidates: it counts to the share of a member whose
   * approval is among these ballots, so that nobody but its friends pays for it. Fails with `E_MEMBERSHIP` when there is none such
   * with room left, or the change cannot be made, and with `E_CANDIDATE`.
   */
  addProposal(plan: Plan, ballots: readonly MembershipBallot[]): Result<PendingChange> {
    return this.#addChange(plan, (subject) => {
      const { set } = this.context;
      const strangers = plan.flatMap((part) =>
        part.kind === 'add' && !this.#candidates.has(candidateId(part.candidate)) ? [part.candidate] : [],
      );
      const nameOf = ({ authority }: MembershipBallot): string => set.authorities[authority]?.name ?? '';
      const sponsor = ballots.find((ballot) => {
        const name = nameOf(ballot);
        const hasRoom = this.#plansOf(name) < MAX_PLANS_EACH && this.#hasRoom(name, strangers.length);
        return ballot.approve && hasRoom && checkBallot(ballot, subject, set, this.#verify).ok;
      });
      if (sponsor === undefined) {
        return fail('E_MEMBERSHIP', { reason: 'nobody who may bring another change approves this one' });
      }
      for (const candidate of strangers) {
        const added = this.addCandidate(candidate, nameOf(sponsor));
        if (!added.ok) return added;
      }
      return ok(nameOf(sponsor));
    });
  }

  /** Counts a ballot about a change. An approval stands; before it, an offer of keys may. True when it is news. */
  addBallot(id: string, ballot: MembershipBallot): Result<boolean> {
    const change = this.#pending.get(id);
    if (change === undefined) return ok(false);
    const known = change.ballots.get(ballot.authority);
    if (known?.approve === true || (known !== undefined && !ballot.approve)) return ok(false);
    const checked = checkBallot(ballot, change.subject, this.context.set, this.#verify);
    if (!checked.ok) return checked;
    change.ballots.set(ballot.authority, ballot);
    return ok(true);
  }

  /** Indices of those who approve a change. */
  approvals({ ballots }: PendingChange): readonly number[] {
    return [...ballots.values()].filter(({ approve }) => approve).map(({ authority }) => authority);
  }

  /** The transaction of a change that a quorum approves and whose candidates have all accepted; undefined before. */
  transaction(change: PendingChange): AuthorityChangeTransaction | undefined {
    const { set } = this.context;
    if (this.approvals(change).length < set.policy.quorum) return undefined;
    const changes = changesOf(
      change.plan,
      (candidate) => this.#candidates.get(candidateId(candidate))?.acceptance,
    );
    if (changes === undefined) return undefined;
    const ballots = [...change.ballots.values()].toSorted((one, other) => one.authority - other.authority);
    return { v: 1, kind: 'authority-change', epoch: set.epoch, changes, ballots };
  }

  /** Notes a change, unless it is known, when `sponsorOf` gives whose share it counts to. */
  #addChange(
    plan: Plan,
    sponsorOf: (subject: BallotSubject) => Result<string | undefined>,
  ): Result<PendingChange> {
    const digest = planDigest(plan);
    const id = toHex(digest);
    const known = this.#pending.get(id);
    if (known !== undefined) return ok(known);
    const { set, trust } = this.context;
    const flaw = flawOfPlan(plan, this.context);
    if (flaw !== undefined) return fail('E_MEMBERSHIP', { reason: flaw });
    const subject = { networkId: trust.networkId, epoch: set.epoch, digest };
    const by = sponsorOf(subject);
    if (!by.ok) return by;
    const added = { id, plan, by: by.value, subject, ballots: new Map<number, MembershipBallot>() };
    this.#pending.set(id, added);
    return ok(added);
  }

  #plansOf(by: string | undefined): number {
    return this.pending.filter((change) => change.by === by).length;
  }

  /** Whether a member, or without a name the own operator, may bring this many more candidates. */
  #hasRoom(by: string | undefined, more: number): boolean {
    const each = Math.max(MIN_CANDIDATES_EACH, maxChanges(this.context.set));
    const limit = by === undefined ? MAX_CANDIDATES : each;
    return this.candidates.filter((known) => known.by === by).length + more <= limit;
  }
}
