import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readAttestation } from '@assay/core/archive/attestation.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { FakeRegistry, fakeRelease } from '../testing/fake-registry.fixture.ts';
import { IntakeNetwork } from '../testing/intake-network.fixture.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });

const PURL = 'pkg:npm/tiny@1.0.0';
const ALL = [0, 1, 2, 3];

// Far above what any of these takes on an idle machine.
vi.setConfig({ testTimeout: 30_000 });

let registry: FakeRegistry;
let net: IntakeNetwork;

beforeEach(async () => {
  registry = await FakeRegistry.start();
  net = new IntakeNetwork(registry);
  registry.publish(fakeRelease('tiny', '1.0.0'));
});
afterEach(async () => {
  net.stopAll();
  await registry.stop();
});

/** For tests in which authorities are to give up. */
function loseNoTime(): void {
  net.stopAll();
  net = new IntakeNetwork(registry, { answerTimeoutMs: 4_000 });
}

const states = (progress: RequestProgress): string[] => progress.authorities.map(({ state }) => state);
const fetchesOf = (index: number): number =>
  registry.requests.filter((path) => path === `view${index}/tiny`).length;

describe('authorities that all get the same bytes', () => {
  it('agree, each having fetched once, with all of them as builders', async () => {
    net.startAll();
    const progress = await net.settle(1, PURL);
    expect(progress).toMatchObject({ state: 'in-log', agreed: 4, needed: 3, index: 2, purl: PURL });
    expect(net.ledger.transactions).toHaveLength(1);
    expect(net.ledger.transactions[0]?.agree).toHaveLength(4);
    expect(ALL.map(fetchesOf)).toEqual([1, 1, 1, 1]);
    for (const store of net.stores) expect(await store.list()).toHaveLength(1);
  });

  it('tell a follower of every state on the way, in order', async () => {
    net.startAll();
    const release = registry.hold();
    const { id, state } = await net.request(0, PURL);
    setTimeout(release, 50);
    const seen: string[] = [state];
    for await (const progress of net.desk(0).follow(id)) {
      if (seen.at(-1) !== progress.state) seen.push(progress.state);
    }
    const order = ['queued', 'fetching', 'agreeing', 'ordering', 'in-log'];
    expect(seen).toEqual(order.filter((name) => seen.includes(name)));
    expect(seen).toContain('fetching');
    expect(seen.at(-1)).toBe('in-log');
  });

  it('answer two requesters with one piece of work, at whatever authority they ask', async () => {
    net.startAll();
    const first = await net.request(0, PURL);
    const second = await net
      .desk(2)
      .submit(await net.signed(PURL, { seed: new Uint8Array(32).fill(8) }), 'test');
    expect(second.id).not.toBe(first.id);
    const outcomes = await Promise.all([net.outcome(0, first.id), net.outcome(2, second.id)]);
    expect(outcomes.map(({ state, index }) => [state, index])).toEqual([
      ['in-log', 2],
      ['in-log', 2],
    ]);
    expect(ALL.map(fetchesOf)).toEqual([1, 1, 1, 1]);
  });

  it('agree although the channel loses most of what they say', async () => {
    net.startAll();
    let noise = 1;
    net.channels.delivers = () => (noise = (noise * 48_271) % 2_147_483_647) % 3 === 0;
    expect(await net.settle(0, PURL)).toMatchObject({ state: 'in-log' });
  });

  it('agree on several packages at once', async () => {
    net.startAll();
    const versions = Array.from({ length: 12 }, (_, at) => `2.0.${at}`);
    for (const version of versions) registry.publish(fakeRelease('tiny', version));
    const outcomes = await Promise.all(
      versions.map(async (version, at) => await net.settle(at % 4, `pkg:npm/tiny@${version}`)),
    );
    expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(['in-log']));
    expect(new Set(outcomes.map(({ index }) => index)).size).toBe(versions.length);
  });
});

describe('authorities that see different things', () => {
  it('leave a dissenter in the evidence and its bytes out of its store', async () => {
    registry.publish(fakeRelease('tiny', '1.0.0', 'other'), 'view2');
    net.startAll();
    expect(await net.settle(2, PURL)).toMatchObject({ state: 'in-log', agreed: 3 });
    const [transaction] = net.ledger.transactions;
    const { trust } = net.network;
    const dissent = transaction?.dissent.map((one) => unwrap(readAttestation(one, trust, verifyEd25519Node)));
    expect(dissent).toMatchObject([{ authority: 2, outcome: { kind: 'digest' } }]);
    await eventually(async () => expect(await net.stores[2]?.list()).toEqual([]));
  });

  it('name a failed download among the evidence, too', async () => {
    registry.override('tiny', (response) => response.writeHead(404).end(), 'view3');
    net.startAll();
    const progress = await net.settle(0, PURL);
    expect(progress).toMatchObject({ state: 'in-log', agreed: 3 });
    expect(progress.authorities[3]).toMatchObject({
      state: 'failed',
      error: { code: 'E_UPSTREAM_NO_PACKAGE' },
    });
    expect(net.ledger.transactions[0]?.dissent).toHaveLength(1);
  });

  it('fail without a quorum and say who saw what, the same at each', async () => {
    for (const view of ['view2', 'view3']) registry.publish(fakeRelease('tiny', '1.0.0', view), view);
    net.startAll();
    const { id } = await net.settle(0, PURL);
    const outcomes = await Promise.all(ALL.map((index) => net.outcome(index, id)));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ state: 'failed', agreed: 2, error: { code: 'E_NO_AGREEMENT' } });
      expect(outcome.authorities).toEqual(outcomes[0]?.authorities);
    }
    expect(new Set(outcomes[0]?.authorities.map(({ digest }) => digest)).size).toBe(3);
    for (const store of net.stores) await eventually(async () => expect(await store.list()).toEqual([]));
  });

  it('give the one reason when nobody can have the package', async () => {
    net.startAll();
    const progress = await net.settle(3, 'pkg:npm/unknown@1.0.0');
    expect(progress.error).toEqual({ code: 'E_UPSTREAM_NO_PACKAGE', fields: { name: 'unknown' } });
    expect(states(progress)).toEqual(['failed', 'failed', 'failed', 'failed']);
  });

  it('try again on a new request, and not on the old one', async () => {
    net.startAll();
    const old = await net.signed('pkg:npm/late@1.0.0');
    const { id } = await net.desk(0).submit(old, 'test');
    expect((await net.outcome(0, id)).state).toBe('failed');
    await Promise.all(ALL.map((index) => net.outcome(index, id)));
    registry.publish(fakeRelease('late', '1.0.0'));
    expect((await net.desk(0).submit(old, 'test')).state).toBe('failed');
    const again = await net.signed('pkg:npm/late@1.0.0', { seed: new Uint8Array(32).fill(8) });
    const retried = await net.desk(1).submit(again, 'test');
    expect(await net.outcome(1, retried.id)).toMatchObject({ state: 'in-log', agreed: 4 });
  });
});

describe('with authorities away', () => {
  it('three agree without waiting out the time for the fourth', async () => {
    for (const index of [0, 1, 2]) net.start(index);
    const progress = await net.settle(0, PURL);
    expect(progress).toMatchObject({ state: 'in-log', agreed: 3 });
    expect(states(progress)).toEqual(['attested', 'attested', 'attested', 'waiting']);
  });

  it('two fail after the time is over and say who answered', async () => {
    loseNoTime();
    for (const index of [0, 1]) net.start(index);
    const progress = await net.settle(0, PURL);
    expect(progress.error).toEqual({ code: 'E_NO_ANSWER', fields: { answered: 2, needed: 3, seconds: 4 } });
    expect(states(progress)).toEqual(['attested', 'attested', 'waiting', 'waiting']);
  });

  it('one that comes back is told of the work and completes it', async () => {
    for (const index of [0, 1]) net.start(index);
    const { id } = await net.request(0, PURL);
    await eventually(() => expect(ALL.map(fetchesOf)).toEqual([1, 1, 0, 0]));
    net.start(2);
    expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', agreed: 3 });
  });

  it('a restart offers its own answer again instead of fetching anew', async () => {
    for (const index of [0, 1]) net.start(index);
    const { id } = await net.request(0, PURL);
    await eventually(async () => {
      for await (const progress of net.desk(0).follow(id)) {
        return expect(states(progress).slice(0, 2)).toEqual(['attested', 'attested']);
      }
    });
    for (const index of [0, 1]) net.stop(index);
    for (const index of ALL) net.start(index);
    expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log' });
    expect([fetchesOf(0), fetchesOf(1)]).toEqual([1, 1]);
  });

  it('a request taken in just before a crash is worked on after it', async () => {
    net.startAll();
    const { id } = await net.request(0, PURL);
    net.stop(0);
    net.start(0);
    expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log' });
  });

  it('a halt of consensus keeps requests in order until it goes on', async () => {
    net.startAll();
    net.ledger.halted = true;
    const { id } = await net.request(0, PURL);
    for await (const { state } of net.desk(0).follow(id)) if (state === 'ordering') break;
    net.ledger.resume();
    expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', agreed: 4 });
  });

  it('one that failed in the meantime learns that others brought it into the log', async () => {
    loseNoTime();
    for (const index of [0, 1]) net.start(index);
    const { id } = await net.request(0, PURL);
    expect((await net.outcome(0, id)).state).toBe('failed');
    net.start(2);
    net.start(3);
    const again = await net.signed(PURL, { seed: new Uint8Array(32).fill(8) });
    const retried = await net.desk(2).submit(again, 'test');
    expect((await net.outcome(2, retried.id)).state).toBe('in-log');
    expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', index: 2 });
  });
});
