import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FakeRegistry, fakeRelease } from '../testing/fake-registry.fixture.ts';
import { IntakeNetwork } from '../testing/intake-network.fixture.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });

const ALL = [0, 1, 2, 3];

vi.setConfig({ testTimeout: 20_000 });

let registry: FakeRegistry;
let net: IntakeNetwork;

beforeEach(async () => {
  registry = await FakeRegistry.start();
  for (const version of ['1.0.0', '1.1.0']) registry.publish(fakeRelease('tiny', version));
  net = new IntakeNetwork(registry, { requesterBurst: 3, requesterPerMinute: 1, queuedJobs: 2 });
});
afterEach(async () => {
  net.stopAll();
  await registry.stop();
});

const someone = (key: number) => ({ seed: new Uint8Array(32).fill(key) });

it('tells a requester that the key has asked too often, and when it may again', async () => {
  net.startAll();
  for (const name of ['tiny@1.0.0', 'tiny@1.1.0', 'tiny']) await net.settle(0, `pkg:npm/${name}`);
  await expect(net.request(0, 'pkg:npm/tiny@9.0.0')).rejects.toMatchObject({
    code: 'E_REQUEST_RATE',
    fields: { seconds: expect.any(Number) as number },
  });
});

it('counts the same request once, however often it is sent', async () => {
  net.startAll();
  const signed = await net.signed('pkg:npm/tiny@1.0.0');
  const answers = [];
  for (let count = 0; count < 5; count++) answers.push(await net.desk(0).submit(signed, 'test'));
  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
});

it('takes no more than the queue holds, and goes on when there is room', async () => {
  net.startAll();
  const release = registry.hold();
  const first = await net.request(0, 'pkg:npm/tiny@1.0.0');
  await net.request(0, 'pkg:npm/tiny@1.1.0');
  const third = await net.signed('pkg:npm/tiny@9.0.0', someone(8));
  await expect(net.desk(0).submit(third, 'test')).rejects.toMatchObject({
    code: 'E_REQUEST_QUEUE',
    fields: { count: 2 },
  });
  const joining = await net.signed('pkg:npm/tiny@1.0.0', someone(8));
  expect((await net.desk(0).submit(joining, 'test')).state).toBe('fetching');
  release();
  await net.outcome(0, first.id);
  await eventually(async () => expect((await net.desk(0).submit(third, 'test')).state).not.toBe('in-log'));
});

it('resolves a name once, and lets the others fetch that version', async () => {
  net.startAll();
  const progress = await net.settle(2, 'pkg:npm/tiny');
  expect(progress).toMatchObject({ state: 'in-log', purl: 'pkg:npm/tiny@1.1.0' });
  await Promise.all(
    ALL.map(async (index) => expect((await net.outcome(index, progress.id)).purl).toBe('pkg:npm/tiny@1.1.0')),
  );
});

it('goes on resolving after a restart', async () => {
  net.startAll();
  const release = registry.hold();
  const { id, state, purl } = await net.request(0, 'pkg:npm/tiny');
  expect([state, purl]).toEqual(['queued', 'pkg:npm/tiny']);
  net.stop(0);
  release();
  net.start(0);
  expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', purl: 'pkg:npm/tiny@1.1.0' });
});

it('tells why a name could not be resolved', async () => {
  net.startAll();
  expect(await net.settle(0, 'pkg:npm/unknown')).toMatchObject({
    state: 'failed',
    purl: 'pkg:npm/unknown',
    error: { code: 'E_UPSTREAM_NO_PACKAGE', fields: { name: 'unknown' } },
  });
});

it('knows nothing of requests that were not made', () => {
  net.startAll();
  expect(() => net.desk(0).follow('00')).toThrow(/No request 00 is known here/);
});

it('gives up a lookup of the newest version that trickles in, so that it holds no place for ever', async () => {
  net.stopAll();
  net = new IntakeNetwork(registry, { answerTimeoutMs: 1_000 });
  net.startAll();
  registry.override('tiny', (response) => {
    const trickle = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(trickle));
  });
  const { id } = await net.request(0, 'pkg:npm/tiny');
  expect(await net.outcome(0, id)).toMatchObject({ state: 'failed', error: { code: 'E_TIMEOUT' } });
});
