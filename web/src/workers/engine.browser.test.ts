import { describe, expect, it } from 'vitest';
import { checkSignedRequest } from '@assay/core/net/signed-request.ts';
import { verifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import type { FetchProgress, NodeStatus } from '../lib/node/api.ts';
import type { FileProgress } from '../lib/node/file-api.ts';
import type { WorkerNode } from '../lib/node/worker-node.ts';
import { openOrigin } from '../testing/engine-tabs.ts';
import { FakeRelay } from '../testing/fake-relay.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const LARGE = 3_000_000;
const ignore = (): void => undefined;
/** Longer than anything takes, also where many tests run at once. */
const SOON = { timeout: 30_000 };

async function setUp(size = 40_000) {
  const log = await TestLog.create();
  const relay = new FakeRelay(log);
  const pack = await relay.add(PURL, NAME, size);
  return { relay, pack, ...openOrigin(relay) };
}

async function until(node: WorkerNode, wanted: (status: NodeStatus) => boolean): Promise<NodeStatus> {
  await expect.poll(() => wanted(node.status), SOON).toBe(true);
  return node.status;
}

const synced = (node: WorkerNode): Promise<NodeStatus> => until(node, ({ phase }) => phase === 'synced');

describe('the engine of a tab', { timeout: 60_000 }, () => {
  it('pins the network, syncs its log, and answers from what it checked', async () => {
    const { openTab } = await setUp();
    const { node } = openTab();
    expect(await synced(node)).toMatchObject({ size: 4, target: 4, leader: true });
    expect((await node.search('sam')).hits).toMatchObject([{ purl: PURL, index: 2, held: false }]);
    expect(await node.version(PURL)).toMatchObject({
      artifacts: [{ name: NAME, size: 40_000, held: false }],
    });
    expect(await node.verify(PURL)).toMatchObject({ verdict: 'could-not-check' });
    expect((await node.entries(0, 100)).map(({ record }) => record.kind)).toEqual([
      'genesis',
      'state',
      'artifact-add',
      'state',
    ]);
    expect((await node.checkpoint())?.cosigners).toHaveLength(3);
  });

  it('fetches, verifies and stores an artifact, and hands out exactly its bytes', async () => {
    const { openTab, pack } = await setUp();
    const { node } = openTab();
    await synced(node);
    const phases: FetchProgress['phase'][] = [];
    const verification = await node.fetch(PURL, NAME, ({ phase }) => phases.push(phase));
    expect(verification.verdict).toBe('verified');
    expect(phases.at(-1)).toBe('saved');
    const bytes = new Uint8Array(await (await node.read(PURL, NAME)).arrayBuffer());
    expect(bytes).toEqual(pack.content);
    expect(JSON.parse(await node.exportEvidence(PURL, NAME))).toMatchObject({ format: 'assay-evidence/1' });
    expect((await node.storage()).artifacts).toMatchObject([{ purl: PURL, complete: true, pinned: false }]);
    await node.remove(PURL, NAME);
    expect((await node.storage()).artifacts).toEqual([]);
    await expect(node.read(PURL, NAME)).rejects.toMatchObject({ code: 'E_NOT_HELD' });
  });

  it('keeps nothing of what a lying mirror sends, and names it', async () => {
    const { openTab, relay } = await setUp();
    relay.packMode = 'lying';
    const { node } = openTab();
    await synced(node);
    const last: FetchProgress[] = [];
    const verification = await node.fetch(PURL, NAME, (progress) => last.splice(0, 1, progress));
    expect(verification.verdict).toBe('could-not-check');
    expect(last[0]?.sources).toMatchObject([{ state: 'dropped', reason: { code: 'E_SOURCE_BAD_BLOCK' } }]);
    await expect(node.read(PURL, NAME)).rejects.toMatchObject({ code: 'E_NOT_HELD' });
  });

  it('verifies a file from this device, of any size, also without a network', async () => {
    const { openTab, relay, pack } = await setUp();
    const { node } = openTab();
    await synced(node);
    const file = new File([new Uint8Array(pack.content)], 'renamed');
    expect((await node.verifyFile(file, PURL, ignore)).verification.verdict).toBe('verified');
    relay.isDown = true;
    const found = await node.verifyFile(file, undefined, ignore);
    expect(found).toMatchObject({ verification: { verdict: 'verified', purl: PURL }, size: 40_000 });
    const exported = new Blob([await node.exportEvidence(PURL)]);
    expect((await node.verifyEvidence(exported, file, ignore)).verdict).toBe('verified');
    const part = new Uint8Array(1_000_000);
    const large = new File(
      Array.from({ length: 30 }, () => part),
      NAME,
    );
    const steps: FileProgress[] = [];
    const unknown = await node.verifyFile(large, undefined, (step) => steps.push(step));
    expect(unknown).toMatchObject({ verification: { verdict: 'not-in-log' }, namesakes: [{ purl: PURL }] });
    expect(steps.at(-1)).toMatchObject({ phase: 'hashing', done: 30_000_000, size: 30_000_000 });
  });

  it('works from what is stored when the relay is gone', async () => {
    const { openTab, relay } = await setUp();
    const tab = openTab();
    await synced(tab.node);
    await tab.node.fetch(PURL, NAME, ignore);
    relay.isDown = true;
    const { node } = tab.reload();
    expect(await until(node, ({ phase }) => phase === 'offline')).toMatchObject({ size: 4 });
    expect(await node.verify(PURL, NAME)).toMatchObject({ verdict: 'verified' });
  });

  it('goes on with a download after a reload, and asks only for what is missing', async () => {
    const { openTab, relay } = await setUp(LARGE);
    relay.packMode = 'stuck';
    const tab = openTab();
    await synced(tab.node);
    let received = 0;
    void tab.node.fetch(PURL, NAME, (progress) => (received = progress.received)).catch(ignore);
    await expect.poll(() => received, SOON).toBeGreaterThan(8);
    await expect.poll(async () => (await tab.node.unfinished())[0]?.received, SOON).toBeGreaterThan(8);
    // What has been received is written at the latest a second later.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const { node } = tab.reload();
    expect(node.takeInterrupted()).toEqual([{ purl: PURL, artifact: NAME }]);
    await synced(node);
    relay.packMode = 'honest';
    relay.asked.length = 0;
    expect((await node.fetch(PURL, NAME, ignore)).verdict).toBe('verified');
    expect(relay.askedPacks.some((line) => line.includes('bytes=0-'))).toBe(false);
  });

  it('refuses another network on the same origin until everything is reset', async () => {
    const { openTab, relay } = await setUp();
    const tab = openTab();
    await synced(tab.node);
    await relay.switchTo(await TestLog.create(makeNetwork(4, {}, 'other')));
    const { node } = tab.reload();
    const status = await until(node, ({ error }) => error !== undefined);
    expect(status).toMatchObject({ phase: 'stopped', size: 4, error: { code: 'E_GENESIS_CHANGED' } });
    expect((await node.recent(5)).map(({ purl }) => purl)).toEqual([PURL]);
    await node.reset();
    expect(await synced(node)).toMatchObject({ size: 2, target: 2 });
  });

  it('signs a request, follows it, and goes on following after a reload', async () => {
    const { openTab, relay } = await setUp();
    const tab = openTab();
    await synced(tab.node);
    void tab.node.request('other@1.0.0', ignore).catch(ignore);
    await expect.poll(() => relay.requests.length, SOON).toBe(1);
    const [request] = relay.requests;
    const log = await TestLog.create();
    expect(request?.purl).toBe('pkg:npm/other@1.0.0');
    if (request) expect(checkSignedRequest(request, log.trust.networkId, verifyEd25519).ok).toBe(true);
    await expect.poll(() => tab.node.openRequests(), SOON).toEqual(['pkg:npm/other@1.0.0']);
    const { node } = tab.reload();
    await synced(node);
    const [purl = ''] = await node.openRequests();
    const end = node.request(purl, ignore);
    relay.progress = 'failed';
    expect((await end).state).toBe('failed');
    expect(relay.requests).toHaveLength(1);
    expect(await node.openRequests()).toEqual([]);
  });
});
