import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { verifyCheckpoint, type VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import { Cluster } from './testing/cluster.fixture.ts';
import { FakeRegistry, fakeRelease } from './testing/fake-registry.fixture.ts';

const ALL = [0, 1, 2, 3];
const VIEWS = ['zero', 'one', 'two', 'three'];
const WAIT = { timeout: 20_000, interval: 100 };

let registry: FakeRegistry;
let cluster: Cluster;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  cluster = await Cluster.create((index) => registry.url(VIEWS[index]), {
    answerTimeoutMs: 8_000,
    retryDelayMs: 20,
  });
  await cluster.startAll();
}, 30_000);
afterAll(async () => {
  await cluster.stop();
  await registry.stop();
});

/** The newest checkpoint of an authority, verified as every client does. */
async function checkpoint(index: number): Promise<VerifiedCheckpoint> {
  const note = await cluster.logSource(index).checkpoint();
  const verify = (...args: Parameters<typeof verifyEd25519Node>) =>
    Promise.resolve(verifyEd25519Node(...args));
  return unwrap(await verifyCheckpoint(note, cluster.trust.policy, verify));
}

/** Waits until these authorities publish the same log of at least `size` entries. */
async function sameRoots(indices: readonly number[], size: number): Promise<void> {
  await vi.waitFor(async () => {
    const heads = await Promise.all(indices.map(checkpoint));
    expect(Math.min(...heads.map((head) => head.size))).toBeGreaterThanOrEqual(size);
    expect(new Set(heads.map(({ size: entries, root }) => `${entries} ${toHex(root)}`)).size).toBe(1);
  }, WAIT);
}

it('brings a requested package into the log of all four', async () => {
  registry.publish(fakeRelease('tiny', '1.0.0'));
  const progress = await cluster.settle(0, 'pkg:npm/tiny@1.0.0');
  expect(progress).toMatchObject({
    state: 'in-log',
    agreed: 4,
    needed: 3,
    purl: 'pkg:npm/tiny@1.0.0',
    index: 2,
  });
  await sameRoots(ALL, 4);
});
