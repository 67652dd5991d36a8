import { toHex } from '@assay/core/encoding/hex.ts';
import type { AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import type { ConsensusStatus } from '../consensus/consensus.ts';
import type { Era } from '../era.ts';
import type { KeyRing } from '../key-ring.ts';
import type { KnownCandidate, PendingChange } from '../membership/book.ts';
import type { Membership } from '../membership/membership.ts';

/** A candidate as operators see it. */
export interface CandidateView {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  /** Final consensus block it last told of. */
  readonly height?: number;
  readonly heardSecondsAgo?: number;
  readonly synced: boolean;
  /** Whether it has accepted to join in this epoch. */
  readonly accepts: boolean;
}

/** A change under way as operators see it. */
export interface ChangeView {
  readonly id: string;
  readonly add: readonly string[];
  readonly remove: readonly string[];
  readonly approvedBy: readonly string[];
  /** Members that have offered their next keys without approving. */
  readonly offeredBy: readonly string[];
  readonly needed: number;
  readonly approvedHere: boolean;
  /** What it waits for, as a sentence. */
  readonly waitsFor: string;
}

/** A member as this authority sees it now. */
export interface MemberView {
  readonly name: string;
  readonly reachable: boolean;
  readonly height?: number;
  /** Blocks behind this authority. */
  readonly behind?: number;
}

/** What `assay authority status` shows. */
export interface OperatorStatus {
  readonly name: string;
  readonly role: 'member' | 'candidate' | 'removed';
  readonly epoch: number;
  readonly needed: number;
  readonly members: readonly MemberView[];
  readonly consensus: ConsensusStatus;
  /** Pairs of vote and cosign keys that are held, by the beginning of the vote key; with the epoch they were offered for. */
  readonly keys: readonly { readonly voteKey: string; readonly epoch?: number; readonly inForce: boolean }[];
  readonly candidates: readonly CandidateView[];
  readonly changes: readonly ChangeView[];
  /** What the operator should know or do, as sentences. */
  readonly notices: readonly string[];
}

/** Digits by which keys and changes are shown. */
const SHOWN_DIGITS = 16;

/** How a candidate stands. `elapsed` is the steady clock in milliseconds. */
export function candidateView(known: KnownCandidate, membership: Membership, elapsed: number): CandidateView {
  const { id, candidate, heard, acceptance } = known;
  return {
    id,
    name: candidate.authority.name,
    addresses: candidate.addresses,
    ...(heard && { height: heard.height, heardSecondsAgo: Math.round((elapsed - heard.at) / 1000) }),
    synced: membership.isSynced(known),
    accepts: acceptance !== undefined,
  };
}

/** How a change stands. */
export function changeView(change: PendingChange, membership: Membership): ChangeView {
  const { set } = membership.book.context;
  const names = (indices: readonly number[]) =>
    indices.map((index) => set.authorities[index]?.name ?? String(index));
  const approvals = membership.book.approvals(change);
  const offers = [...change.ballots.keys()].filter((index) => !approvals.includes(index));
  return {
    id: change.id,
    add: change.plan.flatMap((part) => (part.kind === 'add' ? [part.candidate.authority.name] : [])),
    remove: change.plan.flatMap((part) => (part.kind === 'remove' ? [part.name] : [])),
    approvedBy: names(approvals),
    offeredBy: names(offers),
    needed: set.policy.quorum,
    approvedHere: membership.isApprovedHere(change),
    waitsFor: waitsFor(change, membership),
  };
}

function waitsFor(change: PendingChange, membership: Membership): string {
  const { book } = membership;
  const { quorum } = book.context.set.policy;
  const adds = change.plan.flatMap((part) => (part.kind === 'add' ? [part.candidate] : []));
  for (const { authority } of adds) {
    const known = book.candidates.find(({ candidate }) => candidate.authority === authority);
    if (known?.heard === undefined)
      return `${authority.name} to be heard of: start it with assay authority run`;
    if (!membership.isSynced(known)) return `${authority.name} to follow the log to its end`;
  }
  const missing = quorum - book.approvals(change).length;
  if (missing > 0) return `the approval of ${missing} more ${missing === 1 ? 'operator' : 'operators'}`;
  if (book.transaction(change) === undefined) return 'the candidates to accept for this epoch';
  return 'consensus';
}

/** All that an operator sees of an authority; `answers` are what the members have just said of themselves. */
export function operatorStatus(from: {
  readonly ring: KeyRing;
  readonly era: Era;
  readonly membership: Membership;
  readonly consensus: ConsensusStatus;
  readonly answers: ReadonlyMap<string, AuthorityStatus | undefined>;
  readonly elapsed: number;
}): OperatorStatus {
  const { ring, era, membership, consensus, answers, elapsed } = from;
  const { current, sets } = era.trust;
  const wasMember = sets.some(({ authorities }) => authorities.some(({ name }) => name === ring.name));
  const role = era.me !== undefined ? 'member' : wasMember ? 'removed' : 'candidate';
  const own = current.authorities[era.me ?? -1];
  const members = current.authorities.map(({ name }): MemberView => {
    if (name === own?.name) return { name, reachable: true, height: consensus.height };
    const answer = answers.get(name);
    if (answer === undefined) return { name, reachable: false };
    const behind = Math.max(0, consensus.height - answer.height);
    return { name, reachable: true, height: answer.height, behind };
  });
  return {
    name: ring.name,
    role,
    epoch: current.epoch,
    needed: current.policy.quorum,
    members,
    consensus,
    keys: ring.pairs.map(({ voteKey, epoch }) => ({
      voteKey: toHex(voteKey).slice(0, SHOWN_DIGITS),
      ...(epoch !== undefined && { epoch }),
      inForce: own !== undefined && toHex(own.voteKey) === toHex(voteKey),
    })),
    candidates: membership.candidates.map((known) => candidateView(known, membership, elapsed)),
    changes: membership.pending.map((change) => changeView(change, membership)),
    notices: noticesOf({ role, members, era, consensus }),
  };
}

function noticesOf({
  role,
  members,
  era,
  consensus,
}: {
  readonly role: OperatorStatus['role'];
  readonly members: readonly MemberView[];
  readonly era: Era;
  readonly consensus: ConsensusStatus;
}): string[] {
  const { quorum } = era.trust.current.policy;
  const reachable = members.filter((member) => member.reachable).length;
  const newKeys = 'assay authority candidate --new-keys';
  const notices: string[] = [];
  if (role === 'candidate') {
    notices.push(
      'This node is not an authority yet: it follows the log. Hand its candidate file to the operators of the authorities; they run assay authority approve FILE.',
    );
  }
  if (role === 'removed') {
    notices.push(
      'This node is not an authority any more: it follows and serves the log. It can come back as any candidate can.',
    );
  }
  if (consensus.halted !== undefined) {
    const { reason } = consensus.halted;
    notices.push(`Halted: ${reason}.`);
    if (reason.includes('forgotten')) {
      notices.push(
        `To come back, stop it, run ${newKeys}, start it, and let the others approve the new candidate file.`,
      );
    }
  }
  if (reachable < quorum) {
    notices.push(
      `Only ${reachable} of ${members.length} authorities can be reached; ${quorum} must agree: the log cannot grow.`,
    );
  } else if (members.length < 4) {
    notices.push('With three authorities the log halts as soon as one of them is away; add a fourth.');
  }
  return notices;
}
