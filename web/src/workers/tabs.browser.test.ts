import { describe, expect, it } from 'vitest';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import type { WorkerNode } from '../lib/node/worker-node.ts';
import { openOrigin } from '../testing/engine-tabs.ts';
import { FakeRelay } from '../testing/fake-relay.ts';

const PURL = 'pkg:npm/sample@1.0.0';
const NAME = 'sample-1.0.0.tgz';
const ignore = (): void => undefined;
/** Longer than anything takes, also where many tests run at once. */
const SOON = { timeout: 30_000 };

async function setUp(size = 40_000) {
  const relay = new FakeRelay(await TestLog.create());
  await relay.add(PURL, NAME, size);
  const { openTab } = openOrigin(relay);
  const first = openTab();
  await synced(first.node);
  const second = openTab();
  await synced(second.node);
  return { relay, openTab, first, second };
}

async function synced(node: WorkerNode): Promise<void> {
  await expect.poll(() => node.status.phase, SOON).toBe('synced');
}

describe('several tabs of one origin', { timeout: 60_000 }, () => {
  it('have one leader, which alone asks for the log', async () => {
    const { relay, first, second } = await setUp();
    expect([first.node.status.leader, second.node.status.leader]).toEqual([true, false]);
    expect(relay.asked.filter((line) => line === 'GET /network.json')).toHaveLength(2);
    const before = relay.asked.length;
    await second.node.verify(PURL);
    expect((await second.node.search('sample')).hits).toHaveLength(1);
    expect(relay.asked.slice(before).filter((line) => !line.startsWith('GET /evidence/'))).toEqual([]);
  });

  it('say which rung fails when the very first checkpoint is refused', async () => {
    const relay = new FakeRelay(await TestLog.create());
    await relay.add(PURL, NAME, 2_000);
    await relay.sign([0, 1]);
    const { openTab } = openOrigin(relay);
    for (const { node } of [openTab(), openTab()]) {
      const { verdict, rungs } = await node.verify(PURL);
      expect(verdict).toBe('mismatch');
      expect(rungs.filter(({ state }) => state === 'fail').map(({ id }) => id)).toEqual(['quorum']);
    }
  });

  it('all stop, and find the history broken, when a quorum has signed two', async () => {
    const { relay, first, second } = await setUp();
    const fork = await TestLog.create();
    await fork.addVersions(['pkg:npm/forged@1.0.0']);
    await relay.switchTo(fork);
    await second.node.syncNow();
    for (const { node } of [first, second]) {
      await expect.poll(() => node.status.conflict?.names, SOON).toEqual(['ayla', 'borneo', 'cassini']);
      await expect
        .poll(async () => {
          const { rungs } = await node.verify(PURL);
          return rungs.filter(({ state }) => state === 'fail').map(({ id }) => id);
        }, SOON)
        .toEqual(['history']);
    }
  });

  it('all hear of a new record, and each checks it itself', async () => {
    const { relay, first, second } = await setUp();
    const heard: string[] = [];
    first.node.onGrowth((size) => heard.push(`first ${size}`));
    second.node.onGrowth((size) => heard.push(`second ${size}`));
    await relay.add('pkg:npm/newer@1.0.0', 'newer-1.0.0.tgz', 2_000);
    await second.node.syncNow();
    await expect.poll(() => heard.toSorted(), SOON).toEqual(['first 6', 'second 6']);
    expect((await second.node.recent(1))[0]?.purl).toBe('pkg:npm/newer@1.0.0');
    const { rungs } = await second.node.verify('pkg:npm/newer@1.0.0');
    expect(rungs.filter(({ state }) => state === 'fail')).toEqual([]);
  });

  it('all follow when the authorities change, and a new one finds what they kept', async () => {
    const { relay, openTab, first, second } = await setUp();
    await relay.changeAuthorities({ add: ['etna'] });
    await relay.changeAuthorities({ remove: ['ayla'] });
    await second.node.syncNow();
    for (const { node } of [first, second]) {
      await expect.poll(() => node.status.size, SOON).toBe(12);
      const { rungs } = await node.verify(PURL);
      expect(rungs.filter(({ state }) => state === 'fail')).toEqual([]);
    }
    relay.isDown = true;
    const third = openTab();
    await expect.poll(() => third.node.status.size, SOON).toBe(12);
    const { rungs } = await third.node.verify(PURL);
    expect(rungs.filter(({ state }) => state === 'fail')).toEqual([]);
  });

  it('share what one of them has fetched', async () => {
    const { relay, first, second } = await setUp();
    expect((await second.node.fetch(PURL, NAME, ignore)).verdict).toBe('verified');
    relay.isDown = true;
    expect((await first.node.verify(PURL, NAME)).verdict).toBe('verified');
    expect((await second.node.verify(PURL, NAME)).verdict).toBe('verified');
  });

  it('go on when the leader is closed in the middle of a fetch', async () => {
    const { relay, first, second } = await setUp(3_000_000);
    relay.packMode = 'stuck';
    let received = 0;
    const fetch = second.node.fetch(PURL, NAME, (progress) => (received = progress.received));
    await expect.poll(() => received, SOON).toBeGreaterThan(8);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    relay.packMode = 'honest';
    relay.asked.length = 0;
    first.close();
    expect((await fetch).verdict).toBe('verified');
    await expect.poll(() => second.node.status.leader, SOON).toBe(true);
    expect(relay.askedPacks.some((line) => line.includes('bytes=0-'))).toBe(false);
  });

  it('follow a new leader that goes on writing the log', async () => {
    const { relay, openTab, first, second } = await setUp();
    const third = openTab();
    await synced(third.node);
    first.close();
    await expect.poll(() => [second, third].filter(({ node }) => node.status.leader).length, SOON).toBe(1);
    await relay.add('pkg:npm/newer@1.0.0', 'newer-1.0.0.tgz', 2_000);
    await third.node.syncNow();
    for (const { node } of [second, third]) await expect.poll(() => node.status.size, SOON).toBe(6);
  });

  it('all start over when one of them deletes everything', async () => {
    const { first, second } = await setUp();
    await first.node.fetch(PURL, NAME, ignore);
    await second.node.reset();
    for (const { node } of [first, second]) {
      await synced(node);
      expect((await node.storage()).artifacts).toEqual([]);
    }
    expect([first, second].filter(({ node }) => node.status.leader)).toHaveLength(1);
  });
});
