import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import type { Clock } from '../clock.ts';
import { unwrap } from '../errors/result.ts';
import { AssayError } from '../errors/assay-error.ts';
import { CHECKPOINT_PATH, MemoryLogStore } from '../log/log-store.ts';
import type { LogSource } from '../net/sources.ts';
import { CREATED } from '../records/network.fixture.ts';
import { LogSync, type LogSyncOptions } from './log-sync.ts';
import type { ReplayedRecord } from './replay.ts';
import { MemoryAnchorStore } from './stores.ts';
import { network, purls, TestLog, verifySignature } from './test-log.fixture.ts';

interface TestNode {
  readonly sync: LogSync;
  readonly options: LogSyncOptions;
  readonly stores: { log: MemoryLogStore; anchors: MemoryAnchorStore };
  readonly records: ReplayedRecord[];
  sources: readonly LogSource[];
}

async function makeNode(sources: readonly LogSource[] = [], published = false): Promise<TestNode> {
  const records: ReplayedRecord[] = [];
  const stores = { log: new MemoryLogStore(), anchors: new MemoryAnchorStore() };
  const node = { sources, records, stores } as { -readonly [K in keyof TestNode]: TestNode[K] };
  node.options = {
    trust: network.trust,
    stores,
    sources: () => node.sources,
    verifySignature,
    clock: realClock,
    published,
    onRecords: (added) => records.push(...added),
  };
  node.sync = await LogSync.open(node.options);
  return node;
}

async function logOf(...batches: (readonly string[])[]): Promise<TestLog> {
  const log = await TestLog.create();
  for (const batch of batches) await log.addVersions(batch);
  return log;
}

const unreachable: LogSource = {
  id: 'down',
  checkpoint: () => Promise.reject(new AssayError('E_UNREACHABLE')),
  read: () => Promise.reject(new AssayError('E_UNREACHABLE')),
};

describe('LogSync', () => {
  it('syncs a new network, grows with it, and tells of each record once and in order', async () => {
    const log = await logOf(['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']);
    const node = await makeNode([log.source('one', await log.note())]);
    const first = unwrap(await node.sync.sync());
    expect(first).toMatchObject({ grown: 5, refused: [] });
    expect(node.sync.state).toMatchObject({ size: 5, target: 5 });
    expect(node.sync.indexOf('pkg:npm/b@1.0.0')).toBe(3);
    expect(node.sync.indexOf('pkg:npm/c@1.0.0')).toBeUndefined();
    await log.addVersions(['pkg:npm/c@1.0.0']);
    node.sources = [log.source('one', await log.note())];
    expect(unwrap(await node.sync.sync())).toMatchObject({ grown: 2 });
    expect(node.sync.indexOf('pkg:npm/c@1.0.0')).toBe(5);
    expect(node.records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(node.sync.log.root()).toEqual(node.sync.state.anchor?.root);
  });

  it('replays what is stored after a restart, asking nobody', async () => {
    const log = await logOf(purls(300));
    const node = await makeNode([log.source('one', await log.note())]);
    unwrap(await node.sync.sync());
    const records: ReplayedRecord[] = [];
    const progress: number[] = [];
    const again = await LogSync.open({
      ...node.options,
      sources: () => [],
      onProgress: ({ have }) => progress.push(have),
      onRecords: (added) => records.push(...added),
    });
    expect(again.state).toMatchObject({ size: 303, target: 303, checkpoint: { size: 303 } });
    expect(records).toHaveLength(303);
    expect(progress).toEqual([256]);
    expect(unwrap(await again.log.entry(302))).toEqual(unwrap(await node.sync.log.entry(302)));
  });

  it('takes the newest valid checkpoint and says why the other sources were not used', async () => {
    const log = await logOf(purls(3));
    const old = await log.note();
    await log.addVersions(['pkg:npm/new@1.0.0']);
    const node = await makeNode([
      unreachable,
      log.source('behind', old),
      log.source('good', await log.note()),
      log.source('few', await log.note({ cosigners: [1, 3] })),
      log.source(
        'forged',
        (await log.note()).map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
      ),
    ]);
    const { checkpoint, refused } = unwrap(await node.sync.sync());
    expect(checkpoint.size).toBe(8);
    const reasons = Object.fromEntries(
      refused.map(({ source, error, rung }) => [source, [error.code, rung]]),
    );
    expect(reasons).toMatchObject({
      down: ['E_UNREACHABLE', undefined],
      behind: ['E_STALE_SOURCE', 'history'],
      few: ['E_QUORUM', 'quorum'],
      forged: [expect.stringMatching(/^E_/), 'quorum'],
    });
  });

  it('fails and stays where it is when no source is usable', async () => {
    const log = await logOf(purls(3));
    const node = await makeNode([log.source('good', await log.note())]);
    unwrap(await node.sync.sync());
    await log.addVersions(['pkg:npm/new@1.0.0']);
    node.sources = [log.source('few', await log.note({ cosigners: [0, 1] })), unreachable];
    const outcome = await node.sync.sync();
    expect(outcome).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED', fields: { count: 2 } } });
    expect(node.sync.state).toMatchObject({ size: 6, target: 6, error: { code: 'E_SYNC_REFUSED' } });
    expect(node.sync.state.refused.map(({ rung }) => rung)).toEqual(['quorum', undefined]);
    node.sources = [];
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_NO_SOURCE' } });
  });

  it('never goes back: an old checkpoint alone is refused, newer cosignatures are taken', async () => {
    const log = await logOf(purls(3));
    const old = await log.note();
    await log.addVersions(['pkg:npm/new@1.0.0']);
    const node = await makeNode([log.source('good', await log.note())]);
    unwrap(await node.sync.sync());
    node.sources = [log.source('behind', old)];
    await node.sync.sync();
    expect(node.sync.state).toMatchObject({ size: 8, refused: [{ error: { code: 'E_STALE_SOURCE' } }] });
    const fresher = await log.note({ time: CREATED + 9000 });
    node.sources = [log.source('good', fresher)];
    expect(unwrap(await node.sync.sync())).toMatchObject({
      grown: 0,
      checkpoint: { freshAsOf: CREATED + 9000 },
    });
    expect(await node.stores.log.read(CHECKPOINT_PATH)).toEqual(fresher);
    node.sources = [log.source('good', await log.note())];
    expect(unwrap(await node.sync.sync()).checkpoint.freshAsOf).toBe(CREATED + 9000);
  });

  it('finds a liar at the bundle it forged and takes that bundle from another', async () => {
    const log = await logOf(purls(700));
    const note = await log.note();
    const flip = (path: string, bytes: Uint8Array): Uint8Array =>
      path === 'tile/entries/001' ? bytes.map((byte, i) => (i === 999 ? byte ^ 1 : byte)) : bytes;
    const node = await makeNode([log.source('honest', note), log.source('liar', note, flip)]);
    const { refused, grown } = unwrap(await node.sync.sync());
    expect(grown).toBe(703);
    expect(refused).toMatchObject([{ source: 'liar', error: { code: 'E_REPLAY_ROOT' }, rung: 'history' }]);
  });

  it('stores and believes nothing of a source whose entries do not give the signed root', async () => {
    const log = await logOf(purls(300));
    const flip = (path: string, bytes: Uint8Array): Uint8Array =>
      path.startsWith('tile/entries/') ? bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)) : bytes;
    const node = await makeNode([log.source('liar', await log.note(), flip)]);
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED' } });
    expect(node.stores.log.paths()).toEqual([]);
    expect(await node.stores.anchors.load()).toBeUndefined();
    expect(node.records).toEqual([]);
  });

  it('refuses a signed root that no entries lead to', async () => {
    const log = await logOf(purls(3));
    const node = await makeNode([log.source('x', await log.note({ root: new Uint8Array(32).fill(9) }))]);
    await node.sync.sync();
    expect(node.sync.state.refused).toMatchObject([{ source: 'x', rung: 'history' }]);
    expect(node.sync.state.size).toBe(0);
  });

  it('refuses a checkpoint in the middle of a batch, even with a quorum', async () => {
    const log = await logOf(purls(300));
    const node = await makeNode([log.source('x', await log.note({ size: 256 }))]);
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED' } });
    expect(node.sync.state.refused).toMatchObject([{ error: { code: 'E_REPLAY_ROOT' } }]);
    expect(node.sync.state.size).toBe(0);
    expect(await node.stores.anchors.load()).toBeUndefined();
  });

  it('refuses a log of another network even if it is whole', async () => {
    const other = await TestLog.create(
      (await import('../records/network.fixture.ts')).makeNetwork(4, {}, 'other'),
    );
    const node = await makeNode([other.source('x', await other.note())]);
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED' } });
    expect(node.sync.state.size).toBe(0);
  });

  it('goes on from the bundles that an interrupted sync left', async () => {
    const log = await logOf(purls(1200));
    const note = await log.note();
    const broken = (path: string, bytes: Uint8Array): Uint8Array | AssayError =>
      path === 'tile/entries/003' ? new AssayError('E_UNREACHABLE') : bytes;
    const node = await makeNode([log.source('weak', note, broken)]);
    expect(await node.sync.sync()).toMatchObject({ ok: false });
    const second = log.source('good', note);
    node.sources = [second];
    unwrap(await node.sync.sync());
    expect(node.sync.state.size).toBe(1203);
    const bundles = second.asked.filter((path) => path.startsWith('tile/entries/'));
    expect(bundles.toSorted()).toEqual(['tile/entries/003', 'tile/entries/004.p/179']);
  });

  it('fetches a damaged stored log again, and keeps the anchor meanwhile', async () => {
    const log = await logOf(purls(300));
    const node = await makeNode([log.source('one', await log.note())]);
    unwrap(await node.sync.sync());
    const bundle = (await node.stores.log.read('tile/entries/000')) ?? new Uint8Array(0);
    bundle[500] = (bundle[500] ?? 0) ^ 1;
    await node.stores.log.write(new Map([['tile/entries/000', bundle]]));
    const again = await LogSync.open(node.options);
    expect(again.state).toMatchObject({ size: 0, target: 303, error: { code: 'E_REPLAY_STORED' } });
    expect(again.state.anchor?.size).toBe(303);
    unwrap(await again.sync());
    expect(again.state.size).toBe(303);
  });

  it('keeps partial tiles only where the log is published', async () => {
    for (const published of [true, false]) {
      const log = await logOf(purls(3));
      const node = await makeNode([log.source('one', await log.note())], published);
      unwrap(await node.sync.sync());
      await log.addVersions(['pkg:npm/new@1.0.0']);
      node.sources = [log.source('one', await log.note())];
      unwrap(await node.sync.sync());
      expect(node.stores.log.paths().includes('tile/0/000.p/6')).toBe(published);
      expect(node.stores.log.paths()).toContain('tile/0/000.p/8');
    }
  });

  it('stops when told to', async () => {
    const log = await logOf(purls(3));
    const node = await makeNode([log.source('one', await log.note())]);
    expect(await node.sync.sync(AbortSignal.abort())).toMatchObject({
      ok: false,
      error: { code: 'E_ABORTED' },
    });
  });

  it('lets other work run while it replays', async () => {
    const log = await logOf(purls(1000));
    const node = await makeNode([log.source('one', await log.note())]);
    let ms = 0;
    let rests = 0;
    const clock: Clock = {
      ...realClock,
      elapsed: () => (ms += 25),
      sleep: (delay, signal) => {
        if (delay === 0) rests++;
        return realClock.sleep(delay, signal);
      },
    };
    const sync = await LogSync.open({ ...node.options, clock });
    unwrap(await sync.sync());
    expect(rests).toBeGreaterThan(1000 / 40);
  });
});

describe('LogSync before a forked history', () => {
  /** Two logs that agree on the first batch and part after it, both with a quorum. */
  async function fork(): Promise<{ left: TestLog; right: TestLog }> {
    const left = await logOf(purls(3));
    const right = await logOf(purls(3));
    await left.addVersions(['pkg:npm/left@1.0.0']);
    await right.addVersions(['pkg:npm/right@1.0.0']);
    return { left, right };
  }

  async function expectFork(node: TestNode, first: Uint8Array, second: Uint8Array): Promise<void> {
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
    const { conflict } = (await node.stores.anchors.load()) ?? {};
    expect(conflict).toMatchObject({ first, second, signers: ['ayla', 'borneo', 'cassini'] });
    expect(conflict?.proof?.common?.size).toBe(6);
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_FORK' } });
    expect((await LogSync.open(node.options)).state.anchor?.conflict).toBeDefined();
  }

  it.each([
    ['of the same size', 0],
    ['that is larger', 2],
  ])('stops and keeps both checkpoints: another history %s', async (_name, more) => {
    const { left, right } = await fork();
    for (const purl of purls(more, 'more')) await right.addVersions([purl]);
    const node = await makeNode([left.source('left', await left.note())]);
    unwrap(await node.sync.sync());
    node.sources = [right.source('right', await right.note())];
    await expectFork(node, await left.note(), await right.note());
  });

  it('stops when an older checkpoint is not in the history it knows', async () => {
    const { left, right } = await fork();
    await left.addVersions(['pkg:npm/more@1.0.0']);
    const node = await makeNode([
      left.source('left', await left.note()),
      right.source('right', await right.note()),
    ]);
    await expectFork(node, await left.note(), await right.note());
  });

  it('does not believe a fork that a source cannot prove', async () => {
    const log = await logOf(purls(100));
    const node = await makeNode([log.source('one', await log.note())]);
    unwrap(await node.sync.sync());
    await log.addVersions(purls(500, 'more'));
    const flip = (path: string, bytes: Uint8Array): Uint8Array =>
      path === 'tile/0/000' ? bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) : bytes;
    node.sources = [log.source('liar', await log.note(), flip)];
    expect(await node.sync.sync()).toMatchObject({ ok: false, error: { code: 'E_SYNC_REFUSED' } });
    expect(node.sync.state.refused).toMatchObject([{ source: 'liar', rung: 'history' }]);
    expect((await node.stores.anchors.load())?.conflict).toBeUndefined();
    node.sources = [...node.sources, log.source('honest', await log.note())];
    expect(unwrap(await node.sync.sync()).grown).toBe(501);
  });
});
