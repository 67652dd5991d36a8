import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { makeAuthoritySet, type AuthoritySet } from './authority-set.ts';
import { bitmapOf } from './bitmap.ts';
import {
  afterMembership,
  flawOfClosing,
  flawOfMembership,
  flawOfSuccessor,
  nextEpoch,
  type EpochState,
} from './epoch-state.ts';
import { nextSet, type SetChange } from './next-set.ts';
import type { AuthorityIdentity, MembershipRecord } from './types.ts';

const ORIGIN = 'assay.test/log';
const NAMES = Array.from({ length: 14 }, (_, index) => `n${String(index).padStart(2, '0')}`);

const made = new Map<string, AuthorityIdentity>();

/** An authority whose keys are no more than different: nothing is signed here. */
function authority(name: string, generation = 1): AuthorityIdentity {
  const key = (job: string) => sha256(utf8(`${name} ${generation} ${job}`));
  const known = made.get(`${name} ${generation}`) ?? {
    name,
    voteKey: key('vote'),
    cosignKey: key('cosign'),
    logKey: key('log'),
    buildKey: key('build'),
    peerKey: key('peer'),
  };
  made.set(`${name} ${generation}`, known);
  return known;
}

function setOf(count: number): AuthoritySet {
  const authorities = NAMES.slice(0, count).map((name) => authority(name));
  return makeAuthoritySet(ORIGIN, { epoch: 1, authorities, limits: { maxArtifactBytes: 1 }, since: 0 });
}

function recordOf(set: AuthoritySet, change: SetChange): MembershipRecord {
  const everyone = bitmapOf(set.authorities.keys(), set.authorities.length);
  const common = { v: 1, epoch: set.epoch, approvals: everyone, evidence: set.setHash } as const;
  return change.kind === 'add'
    ? { kind: 'authority-add', ...common, authority: change.authority, addresses: [] }
    : { kind: 'authority-remove', ...common, name: change.name };
}

/** The epoch after these changes as a replay sees it, or why it refuses them. */
function replayed(before: EpochState, changes: readonly SetChange[]): EpochState | string {
  let epoch = before;
  for (const change of changes) {
    const record = recordOf(before.set, change);
    const flaw = flawOfMembership(epoch, record);
    if (flaw !== undefined) return flaw;
    epoch = afterMembership(epoch, record);
  }
  return flawOfClosing(epoch) ?? epoch;
}

const anyChange: fc.Arbitrary<SetChange> = fc.oneof(
  fc
    .record({ name: fc.constantFrom(...NAMES), generation: fc.integer({ min: 1, max: 2 }) })
    .map(({ name, generation }): SetChange => ({ kind: 'add', authority: authority(name, generation) })),
  fc.constantFrom(...NAMES).map((name): SetChange => ({ kind: 'remove', name })),
);

const anyCase = fc.record({
  count: fc.integer({ min: 1, max: 12 }),
  changes: fc.array(anyChange, { minLength: 1, maxLength: 4 }),
  suspended: fc.shuffledSubarray(NAMES.slice(0, 12), { maxLength: 4 }),
  fresh: fc.subarray(NAMES),
});

describe('authorities that make the next set and a replay that meets it', () => {
  it('agree on which changes can be, and on who comes after them', { timeout: 30_000 }, () => {
    let accepted = 0;
    fc.assert(
      fc.property(anyCase, ({ count, changes, suspended, fresh }) => {
        const set = setOf(count);
        const members = suspended.filter((name) => NAMES.indexOf(name) < count);
        const freshKeys = new Map(fresh.map((name) => [name, authority(name, 7)] as const));
        const outcome = nextSet(set, { origin: ORIGIN, changes, freshKeys, suspended: members, since: 9 });
        const met = replayed({ set, suspended: members }, changes);
        expect(typeof met === 'string').toBe(!outcome.ok);
        if (!outcome.ok || typeof met === 'string') return;
        accepted++;
        const closed = { ...met, announced: outcome.value.setHash };
        expect(flawOfSuccessor(closed, outcome.value)).toBeUndefined();
        const { set: next, suspended: left } = nextEpoch(closed, outcome.value);
        expect(next.authorities.length).toBeGreaterThanOrEqual(3);
        // Nobody stays suspended but who had to stay.
        expect(left.length === 0 || next.authorities.length === 3).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('agree that nobody else may come after them', () => {
    const set = setOf(4);
    const change: SetChange = { kind: 'add', authority: authority('n09') };
    const met = replayed({ set, suspended: [] }, [change]);
    if (typeof met === 'string') throw new Error(met);
    const outcome = nextSet(set, {
      origin: ORIGIN,
      changes: [change],
      freshKeys: new Map(),
      suspended: [],
      since: 9,
    });
    if (!outcome.ok) throw outcome.error;
    const { authorities } = outcome.value;
    const others: AuthorityIdentity[][] = [
      authorities.slice(1),
      authorities.toReversed(),
      [...authorities, authority('n10')],
      authorities.map((one) => (one.name === 'n09' ? { ...one, voteKey: one.cosignKey } : one)),
      authorities.map((one) =>
        one.name === 'n01' ? { ...one, buildKey: authority('n01', 2).buildKey } : one,
      ),
      authorities.map((one) => (one.name === 'n01' ? { ...one, peerKey: authority('n01', 2).peerKey } : one)),
    ];
    for (const changed of others) {
      const next = makeAuthoritySet(ORIGIN, { ...outcome.value, authorities: changed });
      expect(flawOfSuccessor({ ...met, announced: next.setHash }, next)).toMatch(/other members|other keys/);
      expect(flawOfSuccessor({ ...met, announced: outcome.value.setHash }, next)).toMatch(/announced/);
    }
    expect(flawOfSuccessor(met, outcome.value)).toBe('the epoch before is not closed');
  });
});
