import { describe, expect, it } from 'vitest';
import { realClock } from '@assay/core/clock.fixture.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import { LogSync } from '@assay/core/node/log-sync.ts';
import { MemoryAnchorStore } from '@assay/core/node/stores.ts';
import { network, purls, TestLog, verifySignature } from '@assay/core/node/test-log.fixture.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';
import { shareStores } from './shared-stores.ts';

const makeShared = () => ({
  log: new MemoryLogStore(),
  anchors: new MemoryAnchorStore(),
  artifacts: new MemoryArtifactStore(realClock),
});

async function openSync(stores: ReturnType<typeof shareStores>, sources: () => readonly LogSource[]) {
  return await LogSync.open({ trust: network.trust, stores, sources, verifySignature, clock: realClock });
}

/** A writer that syncs from a log, and a follower of it. */
async function writerAndFollower(log: TestLog) {
  const shared = makeShared();
  const writing = shareStores(shared);
  writing.startWriting();
  let remote = log.source('mirror', await log.note());
  const writer = await openSync(writing, () => [remote]);
  const following = shareStores(shared);
  const follower = await openSync(following, () => [following.source]);
  const grow = async (): Promise<void> => {
    remote = log.source('mirror', await log.note());
    await writer.sync();
  };
  return { shared, follower, following, grow };
}

describe('shareStores', () => {
  it('lets a follower replay what the writer stored, size by size, and write nothing', async () => {
    const log = await TestLog.create();
    const { shared, follower, grow } = await writerAndFollower(log);
    for (let batch = 0; batch < 4; batch++) {
      await log.addVersions(purls(90, `name${batch}`));
      await grow();
      const before = shared.log.paths();
      expect(await follower.sync()).toMatchObject({ ok: true });
      expect(follower.state.size).toBe(log.size);
      expect(shared.log.paths()).toEqual(before);
    }
  });

  it('lets a follower catch up that stands on a size whose partial files are gone', async () => {
    const log = await TestLog.create();
    const { follower, grow } = await writerAndFollower(log);
    await grow();
    await follower.sync();
    for (let batch = 0; batch < 3; batch++) {
      await log.addVersions(purls(3, `step${batch}`));
      await grow();
    }
    expect(await follower.sync()).toMatchObject({ ok: true });
    expect(follower.state.size).toBe(log.size);
  });

  it('makes the follower a writer that goes on where the last one stopped', async () => {
    const log = await TestLog.create();
    const { shared, following, follower, grow } = await writerAndFollower(log);
    await log.addVersions(purls(5));
    await grow();
    await follower.sync();
    following.startWriting();
    await log.addVersions(purls(5, 'more'));
    const source = log.source('mirror', await log.note());
    const next = await openSync(following, () => [source]);
    expect(await next.sync()).toMatchObject({ ok: true });
    expect((await shared.anchors.load())?.size).toBe(log.size);
  });

  it('stores evidence for all', async () => {
    const shared = makeShared();
    const path = `evidence/${'ab'.repeat(32)}`;
    await shareStores(shared).log.write(new Map([[path, Uint8Array.of(1)]]));
    expect(shared.log.paths()).toEqual([path]);
  });

  it('lets everybody keep and forget the proofs of held packs, and nothing else', async () => {
    const shared = makeShared();
    const path = `lookup/${'ab'.repeat(32)}`;
    const { log } = shareStores(shared);
    await log.write(new Map([path, 'checkpoint'].map((one) => [one, Uint8Array.of(1)])));
    expect(shared.log.paths()).toEqual([path]);
    await shared.log.write(new Map([['checkpoint', Uint8Array.of(2)]]));
    await log.remove([path, 'checkpoint']);
    expect(shared.log.paths()).toEqual(['checkpoint']);
  });
});
