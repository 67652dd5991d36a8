import { equalBytes } from '../encoding/bytes.ts';
import type { AuthoritySet } from './authority-set.ts';
import { flawOfChangedSet } from './authority.ts';
import { bitmapIndices } from './bitmap.ts';
import { flawOfChanges, nextMembers, type SetChange } from './next-set.ts';
import type { AuthorityIdentity, EquivocationRecord, MembershipRecord } from './types.ts';

/** What the log says of the epoch in force. Never changed in place. */
export interface EpochState {
  readonly set: AuthoritySet;
  /** Members proven to have equivocated since they joined, in the order of their records. */
  readonly suspended: readonly string[];
  /** The changes that close the epoch, once there are some. */
  readonly closing?: ClosingChange;
  /** Hash of the next set, once the batch that closes the epoch is whole: nothing but a hand-off may follow. */
  readonly announced?: Uint8Array;
}

/** The changes in the batch that closes an epoch, and who approved them. */
export interface ClosingChange extends Pick<MembershipRecord, 'approvals' | 'evidence'> {
  readonly changes: readonly SetChange[];
}

/** The beginning of epoch 1. */
export function firstEpoch(set: AuthoritySet): EpochState {
  return { set, suspended: [] };
}

/** Why a membership record cannot come next in this epoch; undefined when it can. */
export function flawOfMembership(epoch: EpochState, record: MembershipRecord): string | undefined {
  const { set, closing } = epoch;
  const approvals = bitmapIndices(record.approvals, set.authorities.length);
  if (approvals === undefined) return 'its approvals bitmap does not fit the authority set';
  const need = set.policy.quorum;
  if (approvals.length < need) return `${approvals.length} authorities approve it; ${need} must`;
  const isOther =
    closing !== undefined &&
    !(equalBytes(closing.evidence, record.evidence) && equalBytes(closing.approvals, record.approvals));
  if (isOther) return 'it belongs to another change than the record before it';
  const changes = [...(closing?.changes ?? []), changeOf(record)];
  return flawOfChanges(set, changes);
}

/** The epoch after a membership record that has no flaw. */
export function afterMembership(epoch: EpochState, record: MembershipRecord): EpochState {
  const { approvals, evidence } = record;
  const changes = [...(epoch.closing?.changes ?? []), changeOf(record)];
  return { ...epoch, closing: { changes, approvals, evidence } };
}

/** Why an equivocation record cannot come next in this epoch; undefined when it can. */
export function flawOfEquivocation(
  { set, suspended, closing }: EpochState,
  { name }: EquivocationRecord,
): string | undefined {
  if (closing !== undefined) return 'it follows a change of the authority set';
  if (!set.authorities.some((authority) => authority.name === name)) return `${name} is not in the set`;
  return suspended.includes(name) ? `${name} is suspended already` : undefined;
}

/** The epoch after an equivocation record that has no flaw. */
export function afterEquivocation(epoch: EpochState, { name }: EquivocationRecord): EpochState {
  return { ...epoch, suspended: [...epoch.suspended, name] };
}

/** Why the changes so far cannot close the epoch; undefined when they can, and when there are none. */
export function flawOfClosing({ set, suspended, closing }: EpochState): string | undefined {
  if (closing === undefined) return undefined;
  return flawOfChangedSet(nextMembers(set.authorities, closing.changes, suspended));
}

/**
 * Why `next` cannot follow on a closed epoch; undefined when it can: it is announced, has the members that the records before
 * lead to, those added with the keys of their record, the others with fresh vote and cosign keys at most.
 */
export function flawOfSuccessor(
  { set, suspended, closing, announced }: EpochState,
  next: AuthoritySet,
): string | undefined {
  if (closing === undefined || announced === undefined) return 'the epoch before is not closed';
  if (!equalBytes(next.setHash, announced)) return 'the epoch before announced another set of authorities';
  const expected = nextMembers(set.authorities, closing.changes, suspended);
  if (expected.length !== next.authorities.length) return 'it has other members than the log leads to';
  const added = new Set(
    closing.changes.flatMap((change) => (change.kind === 'add' ? [change.authority] : [])),
  );
  const isSame = expected.every((member, index) => {
    const found = next.authorities[index];
    return found !== undefined && isSuccessor(member, found, added.has(member));
  });
  return isSame ? undefined : 'it has other members, or other keys of them, than the log leads to';
}

/** The beginning of the epoch that follows. Who was suspended and had to stay remains so until it joins anew. */
export function nextEpoch({ suspended, closing }: EpochState, next: AuthoritySet): EpochState {
  const rejoined = new Set(
    closing?.changes.flatMap((change) => (change.kind === 'add' ? [change.authority.name] : [])),
  );
  const isMember = (name: string) => next.authorities.some((authority) => authority.name === name);
  return { set: next, suspended: suspended.filter((name) => isMember(name) && !rejoined.has(name)) };
}

function changeOf(record: MembershipRecord): SetChange {
  return record.kind === 'authority-add'
    ? { kind: 'add', authority: record.authority }
    : { kind: 'remove', name: record.name };
}

function isSuccessor(member: AuthorityIdentity, found: AuthorityIdentity, isNew: boolean): boolean {
  const kept: (keyof AuthorityIdentity & `${string}Key`)[] = isNew
    ? ['voteKey', 'cosignKey', 'logKey', 'buildKey', 'peerKey']
    : ['logKey', 'buildKey', 'peerKey'];
  return member.name === found.name && kept.every((key) => equalBytes(member[key], found[key]));
}
