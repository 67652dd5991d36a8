import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../errors/result.ts';
import { quorum } from '../log/quorum.ts';
import { freshKeys, makeAuthority } from './epochs.fixture.ts';
import { makeNetwork } from './network.fixture.ts';
import {
  flawOfChanges,
  maxChanges,
  nextMembers,
  nextSet,
  type FreshKeys,
  type SetChange,
} from './next-set.ts';

const network = makeNetwork();
const { origin } = network.trust.genesis;
const set = network.trust.current;
const anyone = makeAuthority(network, 'anyone');
const none = { origin, changes: [], freshKeys: new Map(), suspended: [], since: 10 } as const;
const add = (name: string, generation?: number): SetChange => ({
  kind: 'add',
  authority: makeAuthority(network, name, generation),
});
const remove = (name: string): SetChange => ({ kind: 'remove', name });
const namesOf = (members: readonly { readonly name: string }[]) => members.map(({ name }) => name);

describe('the next set', () => {
  it('has those who join at its end and not those who leave', () => {
    const joined = unwrap(nextSet(set, { ...none, changes: [add('etna')] }));
    expect(namesOf(joined.authorities)).toEqual(['ayla', 'borneo', 'cassini', 'delft', 'etna']);
    expect([joined.epoch, joined.since, joined.policy.quorum]).toEqual([2, 10, 4]);
    const left = unwrap(nextSet(set, { ...none, changes: [remove('borneo')] }));
    expect(namesOf(left.authorities)).toEqual(['ayla', 'cassini', 'delft']);
    expect(left.limits).toEqual(set.limits);
  });

  it('takes the fresh keys of those who stay, and the keys of the record of who joins anew', () => {
    const fresh = new Map(['ayla', 'borneo'].map((name) => [name, freshKeys(network, name, 1)] as const));
    const changes = [add('borneo', 2)];
    const [ayla, borneo, cassini] = unwrap(nextSet(set, { ...none, changes, freshKeys: fresh })).authorities;
    expect(ayla).toEqual({ ...set.authorities[0], ...fresh.get('ayla') });
    expect(borneo).toEqual(makeAuthority(network, 'borneo', 2));
    expect(cassini).toEqual(set.authorities[2]);
  });

  it('is not without those suspended where fewer than three would be left: the last of them stay', () => {
    expect(namesOf(nextMembers(set.authorities, [], ['delft', 'ayla']))).toEqual([
      'ayla',
      'borneo',
      'cassini',
    ]);
    expect(namesOf(nextMembers(set.authorities, [remove('borneo')], ['delft']))).toEqual([
      'ayla',
      'cassini',
      'delft',
    ]);
    expect(namesOf(nextMembers(set.authorities, [add('delft', 2)], ['delft']))).toHaveLength(4);
    expect(namesOf(nextMembers(set.authorities, [remove('delft')], ['delft']))).toHaveLength(3);
  });

  it.each<[string, SetChange[], string]>([
    ['nothing', [], 'it changes nothing'],
    ['more changes than authorities may fail', [add('etna'), remove('ayla')], '2 changes at once'],
    ['a stranger who leaves', [remove('zagros')], 'zagros is not in the set'],
  ])('is not made by %s', (_, changes, reason) => {
    expect(flawOfChanges(set, changes)).toContain(reason);
    expect(nextSet(set, { ...none, changes })).toMatchObject({
      ok: false,
      error: { code: 'E_MEMBERSHIP', fields: { reason: expect.stringContaining(reason) as string } },
    });
  });

  it('has nobody who comes back to vote or cosign with a key of an earlier set, where that is known', () => {
    const former = makeAuthority(network, 'etna');
    const past = [set, { ...set, epoch: 2, authorities: [...set.authorities, former] }, set];
    const back = makeAuthority(network, 'etna', 2);
    const flawOf = (authority: typeof back) => flawOfChanges(set, [{ kind: 'add', authority }], past);
    const { logKey, buildKey, peerKey, voteKey, cosignKey } = former;
    expect(flawOf({ ...back, logKey, buildKey, peerKey })).toBeUndefined();
    for (const reused of [
      former,
      { ...back, voteKey },
      { ...back, cosignKey },
      { ...back, voteKey: logKey },
    ]) {
      expect(flawOf(reused)).toContain('etna joins with a vote or cosign key of an earlier set');
    }
  });

  it('comes about whatever keys members offer: those that collide are ignored, and their members keep theirs', () => {
    const [ayla, borneo, cassini, delft] = set.authorities;
    if (!ayla || !borneo || !cassini || !delft) throw new Error('the fixture has four members');
    const etna = makeAuthority(network, 'etna');
    const fresh = (name: string) => freshKeys(network, name, 1);
    const { voteKey, cosignKey } = fresh('ayla');
    const honest = fresh('delft');
    const offersOfAyla: FreshKeys[] = [
      { voteKey, cosignKey: voteKey },
      { voteKey: ayla.logKey, cosignKey },
      { voteKey: ayla.cosignKey, cosignKey: ayla.voteKey },
      { voteKey: ayla.voteKey, cosignKey: ayla.voteKey },
      { voteKey: borneo.voteKey, cosignKey },
      { voteKey: cassini.buildKey, cosignKey },
      { voteKey, cosignKey: etna.peerKey },
    ];
    for (const offer of offersOfAyla) {
      const offers = new Map([['ayla', offer] as const, ['delft', honest] as const]);
      const next = unwrap(nextSet(set, { ...none, changes: [add('etna')], freshKeys: offers }));
      expect(next.authorities).toEqual([ayla, borneo, cassini, { ...delft, ...honest }, etna]);
    }
    const shared = new Map([
      ['ayla', fresh('ayla')],
      ['borneo', { ...fresh('borneo'), cosignKey: voteKey }],
    ]);
    for (const changes of [[add('etna')], [remove('delft')]]) {
      const next = unwrap(nextSet(set, { ...none, changes, freshKeys: shared }));
      expect(next.authorities.slice(0, 2)).toEqual([ayla, borneo]);
    }
    const same = new Map([['ayla', { voteKey: ayla.voteKey, cosignKey }]]);
    const kept = unwrap(nextSet(set, { ...none, changes: [add('etna')], freshKeys: same }));
    expect(kept.authorities[0]).toEqual({ ...ayla, cosignKey });
  });

  it('is not made with a key of another brought in, of three members less one, or of more than a hundred', () => {
    const double = { ...makeAuthority(network, 'etna'), peerKey: set.authorities[1]?.peerKey ?? set.setHash };
    expect(nextSet(set, { ...none, changes: [{ kind: 'add', authority: double }] }).ok).toBe(false);
    const three = makeNetwork(3, {}, 'three').trust.current;
    expect(nextSet(three, { ...none, changes: [remove('ayla')] }).ok).toBe(false);
    const full = makeNetwork(100, {}, 'full').trust.current;
    expect(nextSet(full, { ...none, changes: [add('zagros')] }).ok).toBe(false);
  });

  it('shares a member with every quorum of the old set whatever is changed', () => {
    for (let count = 4; count <= 100; count++) {
      const old = { authorities: Array.from({ length: count }, () => anyone) };
      expect(quorum(count) - maxChanges(old)).toBeGreaterThan(Math.floor((count - 1) / 3));
    }
  });

  it('keeps the order of those who stay, whatever happens', () => {
    const names = namesOf(set.authorities);
    fc.assert(
      fc.property(fc.subarray(names), fc.subarray(names), (removed, suspended) => {
        const members = namesOf(nextMembers(set.authorities, removed.map(remove), suspended));
        expect(members).toEqual(names.filter((name) => members.includes(name)));
        expect(members.some((name) => removed.includes(name))).toBe(false);
        const kept = names.length - removed.length;
        expect(members.length).toBeGreaterThanOrEqual(Math.min(3, kept));
      }),
    );
  });
});
