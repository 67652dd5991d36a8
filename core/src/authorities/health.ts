import type { AuthorityStatus } from '../net/status-protocol.ts';
import type { AuthorityReport } from './report.ts';

/** An authority whose last vote is older than the newest one by more than this does not take part, seconds. */
const VOTES_WITHIN = 60;
const MS = 1000;

/** Whether a member takes part, by what others and itself report. */
export type MemberState = 'votes' | 'reachable' | 'halted' | 'silent' | 'unknown';

/** One member of the set as it is reported. Information, never part of a verdict. */
export interface MemberHealth {
  readonly name: string;
  readonly state: MemberState;
  /** Why it does not vote, in its own words. */
  readonly reason?: string;
  readonly leads: boolean;
  /** Final consensus blocks it has. */
  readonly height?: number;
  /** Blocks it is behind the member that has most. */
  readonly lag?: number;
  /** The epoch it is in, where that is another one. */
  readonly otherEpoch?: number;
  /** Transactions that wait at it. */
  readonly pending?: number;
  /** Unix seconds: the newest vote of it that another member has received. */
  readonly lastVoteAt?: number;
  /** Unix seconds: when the relay or another member last heard anything from it. */
  readonly lastHeardAt?: number;
  /** How many of the other members that answer have a stream to it open, and how many of them say. */
  readonly connected?: { readonly by: number; readonly of: number };
}

/** The whole network as it is reported. */
export interface NetworkHealth {
  /** `unknown` without any report; `halted` when too few can vote. */
  readonly state: 'unknown' | 'idle' | 'busy' | 'halted';
  /** Why it is halted. */
  readonly reason?: string;
  /** In the order of the set. */
  readonly members: readonly MemberHealth[];
  readonly reachable: number;
  /** Who proposes the next consensus block, by the member furthest on. */
  readonly leader?: string;
  readonly height?: number;
  readonly view?: number;
  /** Most transactions that wait at one member. */
  readonly pending: number;
  /** Those reported who are not in the set: candidates and former members. */
  readonly others: readonly { readonly name: string; readonly reachable: boolean }[];
}

/** The set to judge: its epoch, its members in order, and how many of them must agree. */
export interface HealthSet {
  readonly epoch: number;
  readonly members: readonly string[];
  readonly quorum: number;
}

/** Sums up what a relay reports of the members of a set. Pure: the same for the page and the command line. */
export function healthOf(set: HealthSet, reports: readonly AuthorityReport[]): NetworkHealth {
  const isMember = new Set(set.members);
  const ofMembers = reports.filter(({ name }) => isMember.has(name));
  const answers = ofMembers.flatMap(({ reachable, status }) => (reachable && status ? [status] : []));
  const first = furthest(answers);
  const height = answers.length === 0 ? undefined : Math.max(...answers.map((answer) => answer.height));
  const votes = newestVotes(answers);
  const newestVote = Math.max(0, ...votes.values());
  const leader = first && leaderIn(first, set);
  const members = set.members.map((name): MemberHealth => {
    const report = ofMembers.find((one) => one.name === name);
    const status = report?.reachable === true ? report.status : undefined;
    const lastVoteAt = votes.get(name);
    const lastHeardAt = later(report?.lastSeen, lastVoteAt);
    const connected = connectionsTo(name, answers);
    return {
      name,
      ...stateOf(report, { lastVoteAt, newestVote }),
      leads: name === leader,
      ...(status && {
        height: status.height,
        pending: status.pending,
        ...(status.epoch !== set.epoch && { otherEpoch: status.epoch }),
        ...(height !== undefined && { lag: height - status.height }),
      }),
      ...(lastVoteAt !== undefined && { lastVoteAt }),
      ...(lastHeardAt !== undefined && { lastHeardAt }),
      ...(connected && { connected }),
    };
  });
  return {
    ...wholeState(set, members, answers),
    members,
    reachable: members.filter(({ state }) => state !== 'silent' && state !== 'unknown').length,
    ...(leader !== undefined && { leader }),
    ...(height !== undefined && { height }),
    ...(first && { view: first.view }),
    pending: Math.max(0, ...answers.map((answer) => answer.pending)),
    others: reports
      .filter(({ name }) => !isMember.has(name))
      .map(({ name, reachable }) => ({ name, reachable })),
  };
}

function stateOf(
  report: AuthorityReport | undefined,
  { lastVoteAt, newestVote }: { readonly lastVoteAt: number | undefined; readonly newestVote: number },
): Pick<MemberHealth, 'state' | 'reason'> {
  if (report === undefined) return { state: 'unknown' };
  if (!report.reachable) return { state: 'silent' };
  const halted = report.status?.halted;
  if (halted !== undefined) return { state: 'halted', reason: halted.reason };
  const isVoting = lastVoteAt !== undefined && newestVote - lastVoteAt <= VOTES_WITHIN;
  return { state: isVoting ? 'votes' : 'reachable' };
}

function wholeState(
  { members: names, quorum }: HealthSet,
  members: readonly MemberHealth[],
  answers: readonly AuthorityStatus[],
): Pick<NetworkHealth, 'state' | 'reason'> {
  if (members.every(({ state }) => state === 'unknown')) return { state: 'unknown' };
  const reachable = members.filter(({ state }) => state !== 'silent' && state !== 'unknown').length;
  if (reachable < quorum) {
    return {
      state: 'halted',
      reason: `only ${reachable} of ${names.length} authorities can be reached and ${quorum} must agree`,
    };
  }
  const halted = members.filter(({ state }) => state === 'halted');
  const able = reachable - halted.length;
  if (able < quorum) {
    const reason = halted[0]?.reason ?? 'no reason is told';
    return { state: 'halted', reason: `only ${able} of ${names.length} vote; ${halted[0]?.name}: ${reason}` };
  }
  return { state: answers.some(({ busy }) => busy) ? 'busy' : 'idle' };
}

function furthest(answers: readonly AuthorityStatus[]): AuthorityStatus | undefined {
  return answers.toSorted((a, b) => b.epoch - a.epoch || b.view - a.view)[0];
}

/** An index means something only to those who know the set of that epoch. */
function leaderIn({ leader, leaderName, epoch }: AuthorityStatus, set: HealthSet): string | undefined {
  return leaderName ?? (epoch === set.epoch ? set.members[leader] : undefined);
}

/** Unix seconds of the newest vote of each authority that another one says it has received. */
function newestVotes(answers: readonly AuthorityStatus[]): ReadonlyMap<string, number> {
  const votes = new Map<string, number>();
  for (const { peers } of answers) {
    for (const { name, lastVoteAt } of peers) {
      if (lastVoteAt === undefined) continue;
      votes.set(name, Math.max(votes.get(name) ?? 0, Math.floor(lastVoteAt / MS)));
    }
  }
  return votes;
}

function connectionsTo(name: string, answers: readonly AuthorityStatus[]): MemberHealth['connected'] {
  const said = answers.flatMap(({ peers }) =>
    peers.flatMap((peer) => (peer.name === name && peer.connected !== undefined ? [peer.connected] : [])),
  );
  return said.length === 0 ? undefined : { by: said.filter(Boolean).length, of: said.length };
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
