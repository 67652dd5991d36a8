import { equalBytes } from '../encoding/bytes.ts';
import type { AuthoritySet } from '../records/authority-set.ts';
import { decodeRecord } from '../records/codec.ts';
import type { HandoffLink } from '../records/handoff.ts';
import type { AuthorityIdentity, NetworkTrust } from '../records/types.ts';

/** One epoch and how its authorities differ from those before. Follows from genesis and verified hand-offs alone. */
export interface EpochFacts {
  readonly epoch: number;
  /** Log size at which it begins, which is also the index of its hand-off entry; 0 for epoch 1. */
  readonly since: number;
  /** Unix seconds: when genesis was made, later when the batch that closed the epoch before was made. */
  readonly time?: number;
  readonly members: readonly string[];
  readonly quorum: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Members before and after that vote and cosign with fresh keys. */
  readonly renewed: readonly string[];
  /** How many of the authorities before signed the hand-off; absent for epoch 1. */
  readonly signedBy?: number;
}

/** Every epoch that this client has followed, oldest first. */
export function membershipHistory({ sets, links, genesis }: NetworkTrust): readonly EpochFacts[] {
  return sets.map((set, index) => {
    const before = sets[index - 1];
    const link = links[index - 1];
    const { epoch, since, authorities, policy } = set;
    const facts = {
      epoch,
      since,
      members: namesOf(authorities),
      quorum: policy.quorum,
      ...difference(before, set),
    };
    if (link === undefined) return { ...facts, time: genesis.created };
    return { ...facts, ...toldBy(link) };
  });
}

function difference(before: AuthoritySet | undefined, { authorities }: AuthoritySet) {
  const members = before?.authorities ?? [];
  const earlier = new Map(members.map((member) => [member.name, member]));
  const later = new Set(authorities.map(({ name }) => name));
  return {
    added: before === undefined ? [] : namesOf(authorities.filter(({ name }) => !earlier.has(name))),
    removed: namesOf(members.filter(({ name }) => !later.has(name))),
    renewed: namesOf(authorities.filter((member) => hasFreshKeys(member, earlier.get(member.name)))),
  };
}

function hasFreshKeys(member: AuthorityIdentity, earlier: AuthorityIdentity | undefined): boolean {
  if (earlier === undefined) return false;
  return !(equalBytes(member.voteKey, earlier.voteKey) && equalBytes(member.cosignKey, earlier.cosignKey));
}

function namesOf(authorities: readonly AuthorityIdentity[]): string[] {
  return authorities.map(({ name }) => name);
}

function toldBy({ handoff, state }: HandoffLink): Pick<EpochFacts, 'time' | 'signedBy'> {
  const closing = decodeRecord(state);
  const record = decodeRecord(handoff);
  return {
    ...(closing.ok && closing.value.kind === 'state' && { time: closing.value.time }),
    ...(record.ok && record.value.kind === 'epoch-handoff' && { signedBy: record.value.cosignatures.length }),
  };
}
