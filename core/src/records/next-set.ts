import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { faultTolerance } from '../log/quorum.ts';
import { flawOfChangedSet, keysOf } from './authority.ts';
import { makeAuthoritySet, type AuthoritySet } from './authority-set.ts';
import { MIN_AUTHORITIES } from './limits.ts';
import type { AuthorityIdentity } from './types.ts';

/** A change of the set, as `authority-add` and `authority-remove` records name it. */
export type SetChange =
  | { readonly kind: 'add'; readonly authority: AuthorityIdentity }
  | { readonly kind: 'remove'; readonly name: string };

/** The keys an authority wants to use from the next epoch on. */
export interface FreshKeys {
  readonly voteKey: Uint8Array;
  readonly cosignKey: Uint8Array;
}

/** What makes the next set of the present one. */
export interface SetTransition {
  /** The log's name. */
  readonly origin: string;
  /** In the order of their records. */
  readonly changes: readonly SetChange[];
  /** New vote and cosign keys that members offer; who offers none, or one that is in use, keeps its own. */
  readonly freshKeys: ReadonlyMap<string, FreshKeys>;
  /** Members proven to have equivocated, in the order of their records. */
  readonly suspended: readonly string[];
  /** Size of the tree the present epoch ends with. */
  readonly since: number;
}

/** Most additions and removals in one change: as many authorities as may be faulty, so that a quorum of the old set reaches into the new. */
export function maxChanges(set: Pick<AuthoritySet, 'authorities'>): number {
  return Math.max(1, faultTolerance(set.authorities.length));
}

/** The name of the authority a change is about. */
export function subjectOf(change: SetChange): string {
  return change.kind === 'add' ? change.authority.name : change.name;
}

/**
 * Why these changes cannot be made to `set`, whatever the set becomes; undefined when they can. With the sets of the epochs `past`,
 * who comes back may not vote or cosign with a key of any of them either.
 */
export function flawOfChanges(
  set: AuthoritySet,
  changes: readonly SetChange[],
  past: readonly AuthoritySet[] = [],
): string | undefined {
  const limit = maxChanges(set);
  if (changes.length === 0) return 'it changes nothing';
  if (changes.length > limit) return `${changes.length} changes at once; at most ${limit} may be`;
  const names = changes.map(subjectOf);
  if (new Set(names).size < names.length) return 'one authority is named twice';
  const isMember = (name: string) => set.authorities.some((authority) => authority.name === name);
  const stranger = changes.find((change) => change.kind === 'remove' && !isMember(change.name));
  if (stranger !== undefined) return `${subjectOf(stranger)} is not in the set`;
  const added = changes.flatMap((change) => (change.kind === 'add' ? [change.authority] : []));
  const present = keysIn([set]);
  const reuse = added.find((authority) => signingKeysOf(authority).some((key) => present.has(key)));
  if (reuse !== undefined) return `${reuse.name} joins with a key of the present set`;
  const former = added.length > 0 ? keysIn(past) : present;
  const revenant = added.find(({ voteKey, cosignKey }) =>
    [voteKey, cosignKey].map(toHex).some((key) => former.has(key)),
  );
  return revenant === undefined
    ? undefined
    : `${revenant.name} joins with a vote or cosign key of an earlier set`;
}

function keysIn(sets: readonly AuthoritySet[]): ReadonlySet<string> {
  return new Set(sets.flatMap(({ authorities }) => authorities.flatMap(keysOf)).map(toHex));
}

/** Who joins, or joins anew, brings new keys to sign with: whoever still holds an old one must not speak for it. Its node may be the same. */
function signingKeysOf({ voteKey, cosignKey, logKey, buildKey }: AuthorityIdentity): readonly string[] {
  return [voteKey, cosignKey, logKey, buildKey].map(toHex);
}

/**
 * Who is in the next set: the present members without those removed and suspended, and those added at the end, where a member
 * that is added anew takes its own old place. A suspended member that is added anew stays. Where fewer than three would be left,
 * the last of the suspended stay, too.
 */
export function nextMembers(
  members: readonly AuthorityIdentity[],
  changes: readonly SetChange[],
  suspended: readonly string[],
): readonly AuthorityIdentity[] {
  const removed = new Set(changes.flatMap((change) => (change.kind === 'remove' ? [change.name] : [])));
  const added = new Map(
    changes.flatMap((change) =>
      change.kind === 'add' ? [[change.authority.name, change.authority] as const] : [],
    ),
  );
  const known = new Set(members.map(({ name }) => name));
  const changed = [
    ...members.flatMap((member) => (removed.has(member.name) ? [] : [added.get(member.name) ?? member])),
    ...[...added.values()].filter(({ name }) => !known.has(name)),
  ];
  const out = suspended.filter((name) => !added.has(name) && changed.some((member) => member.name === name));
  const leaving = new Set(out.slice(0, Math.max(0, changed.length - MIN_AUTHORITIES)));
  return changed.filter(({ name }) => !leaving.has(name));
}

/**
 * The offers of fresh keys that are taken up. One with a key that anybody has, brings or offers besides is ignored, so that no
 * member can make a change impossible by what it offers. A member may offer its present keys again, each for its present job.
 */
export function usableOffers(
  { authorities }: Pick<AuthoritySet, 'authorities'>,
  added: readonly AuthorityIdentity[],
  offers: ReadonlyMap<string, FreshKeys>,
): ReadonlyMap<string, FreshKeys> {
  const uses = new Map<string, number>();
  const offered = [...offers.values()].flatMap(({ voteKey, cosignKey }) => [voteKey, cosignKey]);
  for (const key of [...authorities, ...added].flatMap(keysOf).concat(offered).map(toHex)) {
    uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  const isFree = (key: Uint8Array, present: Uint8Array | undefined): boolean =>
    uses.get(toHex(key)) === (present !== undefined && equalBytes(key, present) ? 2 : 1);
  const isUsable = ([name, { voteKey, cosignKey }]: readonly [string, FreshKeys]): boolean => {
    const member = authorities.find((one) => one.name === name);
    return isFree(voteKey, member?.voteKey) && isFree(cosignKey, member?.cosignKey);
  };
  return new Map([...offers].filter(isUsable));
}

/** The set of the next epoch. Fails with `E_MEMBERSHIP` when the rules of membership do not allow it. */
export function nextSet(
  set: AuthoritySet,
  { origin, changes, freshKeys, suspended, since }: SetTransition,
): Result<AuthoritySet> {
  const added = changes.flatMap((change) => (change.kind === 'add' ? [change.authority] : []));
  const offers = usableOffers(set, added, freshKeys);
  const authorities = nextMembers(set.authorities, changes, suspended).map((member) =>
    added.includes(member) ? member : withKeys(member, offers.get(member.name)),
  );
  const flaw = flawOfChanges(set, changes) ?? flawOfChangedSet(authorities);
  if (flaw !== undefined) return fail('E_MEMBERSHIP', { reason: flaw });
  return ok(makeAuthoritySet(origin, { epoch: set.epoch + 1, authorities, limits: set.limits, since }));
}

function withKeys(member: AuthorityIdentity, fresh: FreshKeys | undefined): AuthorityIdentity {
  return fresh === undefined ? member : { ...member, voteKey: fresh.voteKey, cosignKey: fresh.cosignKey };
}
