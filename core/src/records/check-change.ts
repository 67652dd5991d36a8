import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { bitmapOf } from './bitmap.ts';
import { checkCandidate } from './candidate.ts';
import type { EpochContext } from './epoch-context.ts';
import {
  changeDigest,
  checkAcceptance,
  checkBallot,
  setChangeOf,
  type BallotSubject,
  type Change,
  type MembershipBallot,
} from './membership.ts';
import { flawOfChanges, type FreshKeys, type SetChange } from './next-set.ts';
import { encodeTransaction, type AuthorityChangeTransaction } from './transaction.ts';
import type { MembershipRecord } from './types.ts';

/** A valid change of the set: its records, the transaction's own bytes as evidence, and what makes the next set of this one. */
export interface CheckedChange {
  readonly kind: 'authority-change';
  readonly records: readonly MembershipRecord[];
  readonly evidence: Uint8Array;
  readonly changes: readonly SetChange[];
  /** The keys that members offer for the next epoch, whether they approve or not. */
  readonly freshKeys: ReadonlyMap<string, FreshKeys>;
}

/**
 * Whether a change of the set may be made in this epoch: few enough changes, of members that exist, candidates that hold their
 * keys and accept, ballots by members, a quorum of which approves. Whether the next set can be is for `nextSet` to say, which
 * knows who is suspended. Fails with `E_MEMBERSHIP`, `E_CANDIDATE` or `E_SIGNATURE`.
 */
export function checkChange(
  transaction: AuthorityChangeTransaction,
  { trust, set, start }: EpochContext,
  verify: VerifyEd25519,
): Result<CheckedChange> {
  const { epoch, changes, ballots } = transaction;
  const refused = (reason: string) => fail('E_MEMBERSHIP', { reason });
  if (epoch !== set.epoch) return refused(`it is made for epoch ${epoch}, not for ${set.epoch}`);
  const setChanges = changes.map(setChangeOf);
  const flaw = flawOfChanges(set, setChanges, trust.sets.slice(0, set.epoch - 1));
  if (flaw !== undefined) return refused(flaw);
  for (const change of changes) {
    const vouched = checkVouched(change, { trust, set, start }, verify);
    if (!vouched.ok) return vouched;
  }
  const subject = { networkId: trust.networkId, epoch, digest: changeDigest(changes) };
  const counted = countBallots(ballots, subject, { set }, verify);
  if (!counted.ok) return counted;
  const evidence = encodeTransaction(transaction);
  const common = { v: 1, epoch, approvals: counted.value, evidence: sha256(evidence) } as const;
  const records = changes.map((change): MembershipRecord => {
    if (change.kind === 'remove') return { kind: 'authority-remove', ...common, name: change.name };
    const { authority, addresses } = change.candidate;
    return { kind: 'authority-add', ...common, authority, addresses };
  });
  const freshKeys = new Map(
    ballots.map(({ authority, nextVoteKey, nextCosignKey }) => [
      set.authorities[authority]?.name ?? '',
      { voteKey: nextVoteKey, cosignKey: nextCosignKey },
    ]),
  );
  return ok({ kind: 'authority-change', records, evidence, changes: setChanges, freshKeys });
}

function checkVouched(change: Change, context: EpochContext, verify: VerifyEd25519): Result<void> {
  if (change.kind === 'remove') return ok(undefined);
  const { candidate, acceptance } = change;
  const held = checkCandidate(candidate, context.trust.networkId, verify);
  if (!held.ok) return held;
  const start = { ...context.start, epoch: context.set.epoch };
  return checkAcceptance(candidate, acceptance, start, verify);
}

/** The bitmap of those who approve, a quorum, when every ballot is good and nobody has two. */
function countBallots(
  ballots: readonly MembershipBallot[],
  subject: BallotSubject,
  { set }: Pick<EpochContext, 'set'>,
  verify: VerifyEd25519,
): Result<Uint8Array> {
  const refused = (reason: string) => fail('E_MEMBERSHIP', { reason });
  for (const [at, ballot] of ballots.entries()) {
    if (at > 0 && ballot.authority <= (ballots[at - 1]?.authority ?? ballot.authority)) {
      return refused('its ballots are not in the order of the set');
    }
    const good = checkBallot(ballot, subject, set, verify);
    if (!good.ok) return good;
  }
  const approvals = ballots.filter(({ approve }) => approve).map(({ authority }) => authority);
  const need = set.policy.quorum;
  if (approvals.length < need) return refused(`${approvals.length} authorities approve it; ${need} must`);
  return ok(bitmapOf(approvals, set.authorities.length));
}
