import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { MembershipNetwork } from '../testing/membership-network.fixture.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 20_000 });
vi.setConfig({ testTimeout: 40_000 });

const NAMES = ['ayla', 'borneo', 'cassini', 'delft'];
const QUORUM = NAMES.slice(0, 3);

let net: MembershipNetwork;
beforeEach(async () => {
  net = await MembershipNetwork.found(NAMES);
});
afterEach(() => net.stopAll());

const members = (): string[] => net.trust.current.authorities.map(({ name }) => name);
const settle = (ms = 1_500): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a candidate', () => {
  it('joins when a quorum of operators has approved it, and is a member then', async () => {
    const candidate = await net.newcomer('etna');
    await net.approve(QUORUM, [candidate]);
    await eventually(() => expect(net.made).toEqual(['+etna']));
    await eventually(() => expect(net.node('etna').eras.current.me).toBe(4));
    expect(
      net.node('etna').ring.voteSeed(net.trust.current.authorities[4]?.voteKey ?? new Uint8Array()),
    ).toBeDefined();
  });

  it('is known to all operators once one has introduced it', async () => {
    const candidate = await net.newcomer('etna');
    await net.node('ayla').membership.introduce(candidate);
    await eventually(() => {
      for (const name of NAMES) expect(net.node(name).membership.candidates).toMatchObject([{ candidate }]);
    });
    await eventually(() => expect(net.node('delft').membership.candidates[0]?.acceptance?.epoch).toBe(1));
  });

  it('stays out while fewer operators than a quorum approve', async () => {
    const candidate = await net.newcomer('etna');
    await net.approve(['ayla', 'borneo'], [candidate]);
    await settle(4_000);
    expect(net.made).toEqual([]);
    expect(net.node('delft').membership.pending).toHaveLength(1);
    await net.approve(['cassini'], [candidate]);
    await eventually(() => expect(net.made).toEqual(['+etna']));
  });

  it('gets no ballot before it is synced, whoever has approved it', async () => {
    const candidate = await net.newcomer('etna');
    net.node('etna').height = 91;
    await net.approve(QUORUM, [candidate]);
    await settle();
    const [change] = net.node('ayla').membership.pending;
    expect(change?.ballots.size).toBe(0);
    net.node('etna').height = 92;
    await eventually(() => expect(net.made).toEqual(['+etna']));
  });

  it('that never runs never joins, and does not keep another change from being made', async () => {
    const candidate = await net.newcomer('etna');
    net.node('etna').stop();
    await net.approve(QUORUM, [candidate]);
    await net.approve(QUORUM, [], ['delft']);
    await eventually(() => expect(net.made).toEqual(['-delft']));
    await net.start('etna');
    await eventually(() => expect(net.made).toEqual(['-delft', '+etna']));
  });

  it('with keys it does not hold, or for another network, is refused', async () => {
    const good = await net.newcomer('etna');
    const { membership } = net.node('ayla');
    const forged = { ...good, proofs: { ...good.proofs, build: good.proofs.log } };
    await expect(membership.introduce(forged)).rejects.toMatchObject({ code: 'E_CANDIDATE' });
    const elsewhere = { ...good, networkId: new Uint8Array(32) };
    await expect(membership.introduce(elsewhere)).rejects.toMatchObject({ code: 'E_CANDIDATE' });
  });
});

describe('members', () => {
  it('all use fresh keys after a change, also those whose operators said nothing', async () => {
    const before = net.trust.current.authorities;
    await net.approve(QUORUM, [await net.newcomer('etna')]);
    await eventually(() => expect(net.made).toHaveLength(1));
    for (const { name, voteKey, buildKey } of before) {
      const now = net.trust.current.authorities.find((member) => member.name === name);
      expect([name, equalBytes(now?.voteKey ?? voteKey, voteKey)]).toEqual([name, false]);
      expect(now?.buildKey).toEqual(buildKey);
      expect(net.node(name).ring.voteSeed(now?.voteKey ?? voteKey)).toBeDefined();
    }
  });

  it('have the keys they offer on disk when others hear of them', async () => {
    net.halted = true;
    await net.approve(QUORUM, [await net.newcomer('etna')]);
    await eventually(() => expect(net.node('ayla').membership.pending[0]?.ballots.size).toBe(4));
    const offered = net.node('ayla').membership.pending[0]?.ballots.get(3)?.nextVoteKey ?? new Uint8Array();
    const { ring, folder } = net.node('delft');
    expect(readFileSync(join(folder, 'keys.json'), 'utf8')).toContain(
      toHex(ring.voteSeed(offered) ?? new Uint8Array(1)),
    );
  });

  it('make a change with a member killed at any moment, which finds its approval again', async () => {
    const candidate = await net.newcomer('etna');
    net.node('delft').stop();
    await net.approve(['ayla', 'borneo'], [candidate]);
    await net.approve(['cassini'], [candidate]);
    net.node('ayla').stop();
    await net.start('delft');
    await net.start('ayla');
    await eventually(() => expect(net.made).toEqual(['+etna']));
  });

  it('make two changes that were approved at once one after the other, each once', async () => {
    const [etna, fuji] = [await net.newcomer('etna'), await net.newcomer('fuji')];
    await Promise.all([net.approve(QUORUM, [etna]), net.approve(['delft', 'borneo', 'cassini'], [fuji])]);
    await eventually(() => expect(net.made).toHaveLength(1));
    // The set has five members now, of which four must agree.
    await net.approve(['ayla', 'borneo', 'cassini', 'delft'], [net.made[0] === '+etna' ? fuji : etna]);
    await eventually(() => expect(net.made.toSorted()).toEqual(['+etna', '+fuji']));
    await settle();
    expect(members()).toHaveLength(6);
    expect(net.made).toHaveLength(2);
  });

  it('agree in spite of a channel that loses half of what they say', async () => {
    let noise = 1;
    net.channels.delivers = () => (noise = (noise * 48_271) % 2_147_483_647) % 2 === 0;
    await net.approve(QUORUM, [await net.newcomer('etna')]);
    await vi.waitFor(() => expect(net.made).toEqual(['+etna']), { timeout: 35_000 });
  });

  it('say nothing while nothing is under way', async () => {
    let sent = 0;
    net.channels.delivers = () => (sent++, true);
    await settle();
    expect(sent).toBe(0);
  });
});

describe('a member that leaves', () => {
  it('needs the word of a quorum, not its own', async () => {
    await net.approve(QUORUM, [], ['delft']);
    await eventually(() => expect(members()).toEqual(QUORUM));
    await eventually(() => expect(net.node('delft').eras.current.me).toBeUndefined());
    await expect(
      net.node('delft').membership.approve([{ kind: 'remove', name: 'ayla' }]),
    ).rejects.toMatchObject({
      code: 'E_NOT_AN_AUTHORITY',
    });
  });

  it('is not let go where too few would be left, nor more at once than may be faulty', async () => {
    const { membership } = net.node('ayla');
    const remove = (...names: string[]) => names.map((name) => ({ kind: 'remove' as const, name }));
    await expect(membership.approve(remove('delft', 'cassini'))).rejects.toThrow(
      /2 changes at once; at most 1/,
    );
    await expect(membership.approve(remove('etna'))).rejects.toThrow(/etna is not in the set/);
  });
});

describe('an authority that lost its database', () => {
  it('comes back under its name with new keys, approved by the others', async () => {
    const { ring } = net.node('delft');
    const old = ring.identity;
    net.node('delft').stop();
    await ring.renew();
    const node = await net.start('delft');
    expect(node.eras.current.me).toBeUndefined();
    await net.approve(QUORUM, [net.candidateOf(node)]);
    await eventually(() => expect(net.node('delft').eras.current.me).toBe(3));
    const now = net.trust.current.authorities[3];
    expect(members()).toEqual(NAMES);
    expect(now?.peerKey).toEqual(old.peerKey);
    expect([now?.voteKey, now?.buildKey]).not.toContainEqual(old.voteKey);
  });
});
