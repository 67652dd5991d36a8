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
import type { AuthorityChangeTransaction } from '@assay/core/records/transaction.ts';
import { MAX_CANDIDATES } from './notice.ts';
import { candidateId, changesOf, flawOfPlan, planDigest, type Plan } from './plan.ts';

/** Changes under way that are remembered in one epoch; only one of them can be made. */
const MAX_PENDING = 16;

/** A candidate that some operator has introduced. */
export interface KnownCandidate {
  /** Hex digest of what it stands for. */
  readonly id: string;
  readonly candidate: Candidate;
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
  readonly subject: BallotSubject;
  /** By index in the set. */
  readonly ballots: ReadonlyMap<number, MembershipBallot>;
}

/**
 * All that is known of candidates and of changes of the set in one epoch: nothing enters that is not signed by whom it speaks of. Pure
 * bookkeeping; no clock, no network.
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

  /** Notes a candidate that can still join. Gives undefined for one that is in the set already. */
  addCandidate(candidate: Candidate): Result<KnownCandidate | undefined> {
    const id = candidateId(candidate);
    const known = this.#candidates.get(id);
    if (known !== undefined) return ok(known);
    const { set, trust } = this.context;
    if (set.authorities.some(({ voteKey }) => equalBytes(voteKey, candidate.authority.voteKey)))
      return ok(undefined);
    const checked = checkCandidate(candidate, trust.networkId, this.#verify);
    if (!checked.ok) return checked;
    if (this.#candidates.size >= MAX_CANDIDATES) {
      return fail('E_CANDIDATE', { reason: `${MAX_CANDIDATES} others are waiting already` });
    }
    const added: KnownCandidate = { id, candidate };
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

  /** The change that a plan stands for, whether it was known or not. Fails with `E_MEMBERSHIP` when it cannot be made. */
  addPlan(plan: Plan): Result<PendingChange> {
    const digest = planDigest(plan);
    const id = toHex(digest);
    const known = this.#pending.get(id);
    if (known !== undefined) return ok(known);
    const { set, trust } = this.context;
    const flaw = flawOfPlan(plan, this.context);
    if (flaw !== undefined) return fail('E_MEMBERSHIP', { reason: flaw });
    if (this.#pending.size >= MAX_PENDING) {
      return fail('E_MEMBERSHIP', { reason: `${MAX_PENDING} changes are under way already` });
    }
    const subject = { networkId: trust.networkId, epoch: set.epoch, digest };
    const added = { id, plan, subject, ballots: new Map<number, MembershipBallot>() };
    this.#pending.set(id, added);
    return ok(added);
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
}
