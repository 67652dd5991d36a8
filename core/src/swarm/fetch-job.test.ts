import { describe, expect, it } from 'vitest';
import { ManualClock, realClock } from '../clock.fixture.ts';
import type { Clock } from '../clock.ts';
import { decodeCapability } from '../eris/capability.ts';
import { decodeContent } from '../eris/decode.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { ArtifactSource } from '../net/sources.ts';
import { runFetchJob, type FetchJobOptions } from './fetch-job.ts';
import type { FetchProgress } from './fetch-progress.ts';
import { MemoryArtifactStore } from './memory-artifact-store.ts';
import { fakeMirror, fakePeer, finderOf, samplePack, type SamplePack } from './sources.fixture.ts';

const small = await samplePack(5_000);
const large = await samplePack(1_500_000);

interface Run {
  readonly outcome: Promise<Uint8Array>;
  readonly progress: FetchProgress[];
  readonly store: MemoryArtifactStore;
}

function fetchPack(
  pack: SamplePack,
  sources: readonly ArtifactSource[],
  more: Partial<FetchJobOptions<Uint8Array>> & { clock?: Clock } = {},
): Run {
  const store = (more.store as MemoryArtifactStore | undefined) ?? new MemoryArtifactStore(realClock);
  const progress: FetchProgress[] = [];
  const capability = unwrap(decodeCapability(pack.description.capability));
  const outcome = runFetchJob<Uint8Array>({
    pack: pack.description,
    finder: finderOf(...sources),
    clock: realClock,
    check: async (get) => ({ fate: 'keep', value: unwrap(await decodeContent(capability, get)) }),
    onProgress: (report) => progress.push(report),
    ...more,
    store,
  });
  outcome.catch(() => undefined);
  return { outcome, progress, store };
}

/** Lets simulated time pass until the job has ended. */
async function finish(run: Run, clock: ManualClock): Promise<void> {
  let ended = false;
  void run.outcome
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  const isOver = (): boolean => ended;
  for (let i = 0; i < 1000 && !isOver(); i++) await clock.advance(250);
  expect(ended).toBe(true);
}

const sourceOf = (run: Run, id: string) => run.progress.at(-1)?.sources.find((source) => source.id === id);

describe('runFetchJob', () => {
  it.each([
    ['a mirror, small', small, fakeMirror('m', small)],
    ['a peer, small', small, fakePeer('p', small)],
    ['a mirror, large', large, fakeMirror('m', large)],
    ['a peer, large', large, fakePeer('p', large)],
  ])('fetches from %s', async (_name, pack, source) => {
    const run = fetchPack(pack, [source]);
    expect(await run.outcome).toEqual(pack.content);
    expect(await run.store.has(pack.description.root)).toBe(true);
    expect(run.progress.at(-1)).toMatchObject({
      phase: 'saved',
      received: pack.blocks.length,
      total: pack.blocks.length,
      sources: [{ id: source.id, blocks: pack.blocks.length }],
    });
  });

  it('goes through its phases in order', async () => {
    const run = fetchPack(large, [fakeMirror('m', large)]);
    await run.outcome;
    const phases = run.progress.map(({ phase }) => phase);
    expect([...new Set(phases)]).toEqual(['connecting', 'receiving', 'verifying', 'saved']);
  });

  it('takes from a mirror and a peer at once, and more from the faster', async () => {
    const clock = new ManualClock();
    const mirror = fakeMirror('m', large, { clock, msPerBlock: 20 });
    const peer = fakePeer('p', large, { clock, msPerBlock: 80 });
    const run = fetchPack(large, [mirror, peer], { clock });
    await finish(run, clock);
    expect(await run.outcome).toEqual(large.content);
    const [fromMirror, fromPeer] = [sourceOf(run, 'm')?.blocks ?? 0, sourceOf(run, 'p')?.blocks ?? 0];
    expect(fromPeer).toBeGreaterThan(0);
    expect(fromMirror).toBeGreaterThan(fromPeer);
    expect(fromMirror + fromPeer).toBe(large.blocks.length);
  });

  it.each(['mirror', 'peer'] as const)('drops a %s that lies and names it; another serves', async (kind) => {
    const make = kind === 'mirror' ? fakeMirror : fakePeer;
    const run = fetchPack(large, [make('liar', large, { corruptFrom: 3 }), fakeMirror('good', large)]);
    expect(await run.outcome).toEqual(large.content);
    expect(sourceOf(run, 'liar')).toMatchObject({ state: 'dropped', reason: { code: 'E_SOURCE_BAD_BLOCK' } });
  });

  it('never asks a liar again', async () => {
    const clock = new ManualClock();
    const sent: number[] = [];
    const liar = fakePeer('liar', large, { corruptFrom: 1, onSend: (index) => sent.push(index) });
    const run = fetchPack(large, [liar, fakeMirror('slow', large, { clock, msPerBlock: 50 })], { clock });
    await finish(run, clock);
    expect(await run.outcome).toEqual(large.content);
    expect(sent.filter((index) => index >= 1)).toHaveLength(1);
  });

  it('leaves a source that stays silent and finishes with another', async () => {
    const clock = new ManualClock();
    const stuck = fakeMirror('stuck', large, { silentFrom: 2 });
    const run = fetchPack(large, [stuck, fakePeer('good', large, { clock, msPerBlock: 400 })], { clock });
    await finish(run, clock);
    expect(await run.outcome).toEqual(large.content);
    expect(sourceOf(run, 'stuck')?.reason).toMatchObject({ code: 'E_SOURCE_STALLED' });
  });

  it('gets the rest of a truncated answer from elsewhere', async () => {
    const clock = new ManualClock();
    const short = fakeMirror('short', large, { endBefore: 40 });
    const run = fetchPack(large, [short, fakePeer('good', large, { clock, msPerBlock: 30 })], { clock });
    await finish(run, clock);
    expect(await run.outcome).toEqual(large.content);
    expect(sourceOf(run, 'short')?.reason).toMatchObject({ code: 'E_RESPONSE_TRUNCATED' });
  });

  it('keeps the list of reasons when all sources are bad, and stores nothing readable', async () => {
    const clock = new ManualClock();
    const gone = new AssayError('E_NOT_FOUND', { what: 'this pack' });
    const bad = [
      fakeMirror('liar', large, { corruptFrom: 0 }),
      fakePeer('empty', large, { endBefore: 0 }),
      fakeMirror('gone', large, { failWith: gone }),
      fakeMirror('stuck', large, { silentFrom: 0 }),
    ];
    const run = fetchPack(large, bad, { clock });
    await finish(run, clock);
    const error = await run.outcome.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'E_ALL_SOURCES_FAILED', fields: { count: 4 } });
    const codes = ((error as Error).cause as AggregateError).errors.map(({ code }) => code).toSorted();
    expect(codes).toEqual(['E_NOT_FOUND', 'E_NOT_FOUND', 'E_SOURCE_BAD_BLOCK', 'E_SOURCE_STALLED']);
    expect(run.progress.at(-1)).toMatchObject({ phase: 'failed', error: { code: 'E_ALL_SOURCES_FAILED' } });
    expect(await run.store.has(large.description.root)).toBe(false);
  });

  it('waits for a mirror that is itself still fetching, but not for ever', async () => {
    const coming = (times: number): ArtifactSource => {
      const mirror = fakeMirror('m', large);
      let asked = 0;
      return {
        ...mirror,
        async *readPack(...question) {
          if (asked++ < times) throw new AssayError('E_PACK_COMING');
          yield* mirror.readPack(...question);
        },
      };
    };
    const clock = new ManualClock();
    const soon = fetchPack(large, [coming(5)], { clock });
    await finish(soon, clock);
    expect(await soon.outcome).toEqual(large.content);
    const never = fetchPack(large, [coming(Infinity)], { clock });
    await finish(never, clock);
    await expect(never.outcome).rejects.toMatchObject({ code: 'E_ALL_SOURCES_FAILED' });
  });

  it('says when there is nobody to ask', async () => {
    await expect(fetchPack(small, []).outcome).rejects.toMatchObject({ code: 'E_NO_SOURCE' });
  });

  it('stops when told to and goes on where it stopped', async () => {
    const store = new MemoryArtifactStore(realClock);
    const controller = new AbortController();
    const first: number[] = [];
    const slow = fakeMirror('m', large, {
      onSend: (index) => {
        first.push(index);
        if (index === 30) controller.abort();
      },
    });
    const stopped = fetchPack(large, [slow], { store, signal: controller.signal });
    await expect(stopped.outcome).rejects.toMatchObject({ code: 'E_ABORTED' });
    expect((await store.list())[0]).toMatchObject({ complete: false, purl: 'pkg:npm/sample@1.0.0' });
    const second: number[] = [];
    const resumed = fetchPack(large, [fakeMirror('m', large, { onSend: (i) => second.push(i) })], { store });
    expect(await resumed.outcome).toEqual(large.content);
    expect(second.filter((index) => index < 25)).toEqual([]);
    expect(resumed.progress.at(-1)?.received).toBe(large.blocks.length);
  });

  it('needs nobody when an earlier run left all blocks, and refetches what was damaged', async () => {
    const store = new MemoryArtifactStore(realClock);
    const writer = await store.begin(large.description);
    for (const [index, block] of large.blocks.entries()) await writer.put(index, block);
    await writer.close();
    expect(await fetchPack(large, [], { store }).outcome).toEqual(large.content);

    const damaged = new MemoryArtifactStore(realClock);
    const handle = await damaged.begin(large.description);
    for (const [index, block] of large.blocks.entries())
      await handle.put(index, index === 9 ? block.toReversed() : block);
    await handle.close();
    const sent: number[] = [];
    const mirror = fakeMirror('m', large, { onSend: (index) => sent.push(index) });
    expect(await fetchPack(large, [mirror], { store: damaged }).outcome).toEqual(large.content);
    expect(sent).toEqual([9]);
  });

  it('keeps nothing of an artifact that the check refuses', async () => {
    const run = fetchPack(small, [fakeMirror('m', small)], {
      check: () => Promise.resolve({ fate: 'discard', value: new Uint8Array(0) }),
    });
    await run.outcome;
    expect(run.progress.at(-1)?.phase).toBe('failed');
    expect(await run.store.list()).toEqual([]);
  });

  it('is content with 32 sources, and with a finder that fails', async () => {
    const many = Array.from({ length: 100 }, (_, i) => fakePeer(`p${i}`, small));
    const run = fetchPack(small, many);
    await run.outcome;
    expect(run.progress.at(-1)?.sources).toHaveLength(32);
    const failing = fetchPack(small, [], { finder: { find: () => Promise.reject(new Error('no relay')) } });
    await expect(failing.outcome).rejects.toMatchObject({ code: 'E_NO_SOURCE' });
  });

  it('takes in a source that is found late', async () => {
    const late = fakePeer('late', small);
    const run = fetchPack(small, [], {
      finder: {
        async find(_root, onSource) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          onSource(late);
        },
      },
    });
    expect(await run.outcome).toEqual(small.content);
  });
});
