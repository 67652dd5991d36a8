// Requests that are open when the authority set changes: they survive and finish under the set of the new epoch.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readAttestation } from '@assay/core/archive/attestation.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { FakeRegistry, fakeRelease } from '../testing/fake-registry.fixture.ts';
import { IntakeNetwork } from '../testing/intake-network.fixture.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });

const PURL = 'pkg:npm/tiny@1.0.0';

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

/** Follows a request until it is in the state. */
async function reaches(authority: number, id: string, state: string): Promise<void> {
  for await (const progress of net.desk(authority).follow(id)) if (progress.state === state) return;
  throw new Error(`it never was ${state}`);
}

const fetchesOf = (index: number): number =>
  registry.requests.filter((path) => path === `view${index}/tiny`).length;

it('are attested anew, without fetching again, when consensus had them but not in the log', async () => {
  net.startAll();
  net.ledger.halted = true;
  const { id } = await net.request(0, PURL);
  await reaches(0, id, 'ordering');
  net.ledger.forget();
  net.beginEpoch([0, 1, 2]);
  net.ledger.resume();
  const progress = await net.outcome(0, id);
  expect(progress).toMatchObject({ state: 'in-log', agreed: 3, needed: 3 });
  expect(progress.authorities.map(({ name }) => name)).toEqual(['ayla', 'borneo', 'cassini']);
  expect([0, 1, 2, 3].map(fetchesOf)).toEqual([1, 1, 1, 1]);
  const [envelope = new Uint8Array()] = net.ledger.transactions[0]?.agree ?? [];
  expect(readAttestation(envelope, net.trust, verifyEd25519Node).ok).toBe(true);
});

it('finish when the set changes while they are fetched, and again before they are ordered', async () => {
  net.startAll();
  const release = registry.hold();
  const { id } = await net.request(1, PURL);
  await eventually(() => expect([0, 1, 2, 3].map(fetchesOf)).toEqual([1, 1, 1, 1]));
  net.beginEpoch([3, 2, 1, 0]);
  release();
  net.beginEpoch([1, 2, 3]);
  expect(await net.outcome(1, id)).toMatchObject({ state: 'in-log', agreed: 3 });
});

it('are told to a member that joins, which answers like the others', async () => {
  net.startAll();
  net.beginEpoch([0, 1, 2]);
  net.ledger.halted = true;
  const { id } = await net.request(0, PURL);
  await reaches(0, id, 'ordering');
  expect(fetchesOf(3)).toBe(0);
  net.ledger.forget();
  net.beginEpoch([0, 1, 2, 3]);
  await eventually(() => expect(fetchesOf(3)).toBe(1));
  net.ledger.resume();
  expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', needed: 3, agreed: 4 });
});

it('end at a member that leaves as they end for the others; new ones it refuses', async () => {
  net.startAll();
  const release = registry.hold();
  const { id } = await net.request(3, PURL);
  await eventually(() => expect(fetchesOf(0)).toBe(1));
  net.beginEpoch([0, 1, 2]);
  release();
  expect(await net.outcome(3, id)).toMatchObject({ state: 'in-log' });
  await expect(net.request(3, 'pkg:npm/other@1.0.0')).rejects.toMatchObject({
    code: 'E_NOT_AN_AUTHORITY',
    fields: { epoch: 2 },
  });
});

it('are taken up under the new epoch by an authority that was away while the set changed', async () => {
  for (const index of [0, 1]) net.start(index);
  const { id } = await net.request(0, PURL);
  await eventually(async () => {
    for await (const { authorities } of net.desk(0).follow(id)) {
      return expect(authorities.slice(0, 2).map(({ state }) => state)).toEqual(['attested', 'attested']);
    }
  });
  for (const index of [0, 1]) net.stop(index);
  net.beginEpoch([0, 1, 2, 3]);
  for (const index of [0, 1, 2]) net.start(index);
  expect(await net.outcome(0, id)).toMatchObject({ state: 'in-log', agreed: 3 });
  expect([fetchesOf(0), fetchesOf(1)]).toEqual([1, 1]);
});

it('are brought by a member that was let go before it could tell anybody', async () => {
  net.startAll();
  net.channels.delivers = (from) => from !== 'delft';
  const { id } = await net.request(3, PURL);
  net.beginEpoch([0, 1, 2]);
  expect(fetchesOf(0)).toBe(0);
  net.channels.delivers = () => true;
  net.channels.connectAll();
  expect(await net.outcome(3, id)).toMatchObject({ state: 'in-log', agreed: 3 });
});

it('are not worked on by a node that only follows', async () => {
  net.beginEpoch([0, 1, 2]);
  net.startAll();
  expect(await net.settle(0, PURL)).toMatchObject({ state: 'in-log' });
  expect(fetchesOf(3)).toBe(0);
  expect(net.log.filter((line) => line.includes('refused'))).toEqual([]);
});
