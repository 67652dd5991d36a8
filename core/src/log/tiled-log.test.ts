import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore, type LogStore } from './log-store.ts';
import { CompactRange, emptyRoot, leafHash, verifyConsistency, verifyInclusion } from './merkle.ts';
import { MAX_ENTRY_BYTES } from './tile.ts';
import { TiledLog } from './tiled-log.ts';

const entry = (i: number) => utf8(`entry ${i}`);
const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => entry(from + i));
const open = async (store: LogStore, size: number) => unwrap(await TiledLog.open(store, size));
const refusedWith = (code: string) => ({ ok: false, error: { code } });

async function logOf(size: number, store: LogStore = new MemoryLogStore()): Promise<TiledLog> {
  const log = await open(store, 0);
  await log.append(entries(0, size));
  return log;
}

function rootOf(size: number): Uint8Array {
  const range = CompactRange.of();
  for (const bytes of entries(0, size)) range.append(leafHash(bytes));
  return range.root();
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Sizes around the borders of bundles and tiles, and some in between. */
const size = fc.oneof(fc.nat(700), fc.constantFrom(0, 1, 2, 255, 256, 257, 511, 512, 513));

describe('TiledLog', () => {
  it('starts empty', async () => {
    const log = await open(new MemoryLogStore(), 0);
    expect(log.size).toBe(0);
    expect(log.root()).toEqual(emptyRoot);
    expect(unwrap(await log.rootAt(0))).toEqual(emptyRoot);
    expect(await collect(log.entries())).toEqual([]);
  });

  it('is the same log however the entries were cut into appends, and after each opening', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(300), { maxLength: 6 }), async (steps) => {
        const store = new MemoryLogStore();
        let total = 0;
        for (const step of steps) {
          const log = await open(store, total);
          await log.append(entries(total, total + step));
          total += step;
        }
        const root = rootOf(total);
        const log = unwrap(await TiledLog.open(store, total, { verifyRoot: root }));
        expect(log.root()).toEqual(root);
        const all = await collect(log.entries());
        expect(all.map(({ index }) => index)).toEqual([...all.keys()]);
        expect(all.map(({ bytes }) => bytes)).toEqual(entries(0, total));
      }),
      { numRuns: 40 },
    );
  });

  it('proves every entry in every size, and every size in every later one', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, size, fc.nat(), async (a, b, c, anyIndex) => {
        const [size1 = 0, size2 = 0, total = 0] = [a + 1, b + 1, c + 1].toSorted((x, y) => x - y);
        const log = await logOf(total);
        const index = anyIndex % size2;
        const root2 = rootOf(size2);
        expect(unwrap(await log.rootAt(size2))).toEqual(root2);
        const inclusion = unwrap(await log.inclusionProof(index, size2));
        expect(verifyInclusion(leafHash(entry(index)), index, size2, inclusion, root2).ok).toBe(true);
        const consistency = unwrap(await log.consistencyProof(size1, size2));
        expect(verifyConsistency(size1, size2, rootOf(size1), root2, consistency).ok).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('proves across three levels of tiles', async () => {
    const log = await open(new MemoryLogStore(), 0);
    await log.append(Array.from({ length: 70_000 }, (_, i) => entry(i)));
    const proof = unwrap(await log.inclusionProof(23_333, 70_000));
    expect(verifyInclusion(leafHash(entry(23_333)), 23_333, 70_000, proof, log.root()).ok).toBe(true);
    const consistency = unwrap(await log.consistencyProof(65_537, 70_000));
    const root1 = unwrap(await log.rootAt(65_537));
    expect(verifyConsistency(65_537, 70_000, root1, log.root(), consistency).ok).toBe(true);
  });

  it('reads each tile once for a proof', async () => {
    const store = new MemoryLogStore();
    await logOf(1000, store);
    const reads: string[] = [];
    const spy: LogStore = {
      read: (path) => {
        reads.push(path);
        return store.read(path);
      },
      write: (files) => store.write(files),
      remove: (paths) => store.remove(paths),
    };
    const log = await open(spy, 1000);
    reads.length = 0;
    await log.inclusionProof(300, 1000);
    await log.consistencyProof(300, 1000);
    expect(reads).toEqual(['tile/0/001', 'tile/0/001']);
  });

  it('gives single entries and ranges of them', async () => {
    const log = await logOf(600);
    for (const i of [0, 255, 256, 511, 512, 599]) expect(unwrap(await log.entry(i))).toEqual(entry(i));
    const some = await collect(log.entries(250, 520));
    expect(some.map(({ index }) => index)).toEqual(Array.from({ length: 270 }, (_, i) => 250 + i));
    expect(some.map(({ bytes }) => bytes)).toEqual(entries(250, 520));
  });

  it('refuses what lies beyond it', async () => {
    const log = await logOf(10);
    for (const bad of [-1, 10, 0.5, NaN]) {
      expect(await log.entry(bad)).toMatchObject(refusedWith('E_LOG_NO_ENTRY'));
      expect(await log.inclusionProof(bad, 10)).toMatchObject(refusedWith('E_TREE_RANGE'));
    }
    for (const bad of [-1, 11, 0.5, NaN]) {
      expect(await log.rootAt(bad)).toMatchObject(refusedWith('E_TREE_RANGE'));
      expect(await log.inclusionProof(0, bad)).toMatchObject(refusedWith('E_TREE_RANGE'));
      expect(await log.consistencyProof(1, bad)).toMatchObject(refusedWith('E_TREE_RANGE'));
      expect(await log.consistencyProof(bad, 10)).toMatchObject(refusedWith('E_TREE_RANGE'));
    }
    expect(await log.consistencyProof(0, 10)).toMatchObject(refusedWith('E_TREE_RANGE'));
    expect(await log.consistencyProof(7, 6)).toMatchObject(refusedWith('E_TREE_RANGE'));
    await expect(collect(log.entries(0, 11))).rejects.toMatchObject({ code: 'E_LOG_NO_ENTRY' });
  });

  it('does not notice what callers do to their arrays', async () => {
    const log = await open(new MemoryLogStore(), 0);
    const mine = entry(0);
    await log.append([mine]);
    mine.fill(0);
    unwrap(await log.entry(0)).fill(0);
    expect(unwrap(await log.entry(0))).toEqual(entry(0));
  });
});

describe('an append', () => {
  it('is one write: bundles, tiles, then what vouches for them', async () => {
    const writes: string[][] = [];
    const store = new MemoryLogStore();
    const spy: LogStore = {
      read: (path) => store.read(path),
      write: (files) => {
        writes.push([...files.keys()]);
        return store.write(files);
      },
      remove: (paths) => store.remove(paths),
    };
    const log = await open(spy, 0);
    await log.append(entries(0, 300), new Map([['checkpoint', utf8('note')]]));
    expect(writes).toEqual([
      [
        'tile/entries/000',
        'tile/entries/001.p/44',
        'tile/0/000',
        'tile/0/001.p/44',
        'tile/1/000.p/1',
        'checkpoint',
      ],
    ]);
    await log.append(entries(300, 301));
    expect(writes[1]).toEqual(['tile/entries/001.p/45', 'tile/0/001.p/45']);
  });

  it('shows its root before anything is written', async () => {
    const store = new MemoryLogStore();
    const log = await open(store, 0);
    const staged = log.stage(entries(0, 5));
    expect(staged.after.root()).toEqual(rootOf(5));
    expect([log.size, store.paths()]).toEqual([0, []]);
    await log.commit(staged);
    expect([log.size, log.root()]).toEqual([5, rootOf(5)]);
  });

  it('leaves the log as it was when the store fails', async () => {
    const store = new MemoryLogStore();
    let works = true;
    const moody: LogStore = {
      read: (path) => store.read(path),
      write: (files) => (works ? store.write(files) : Promise.reject(new Error('disk full'))),
      remove: (paths) => store.remove(paths),
    };
    const log = await open(moody, 0);
    await log.append(entries(0, 3));
    works = false;
    await expect(log.append(entries(3, 9))).rejects.toThrow('disk full');
    expect([log.size, log.root()]).toEqual([3, rootOf(3)]);
    works = true;
    await log.append(entries(3, 9));
    expect(log.root()).toEqual(rootOf(9));
  });

  it('is refused while another is being written, and when another came between', async () => {
    const log = await logOf(3);
    const stale = log.stage(entries(3, 4));
    const first = log.append(entries(3, 5));
    await expect(log.append(entries(3, 6))).rejects.toMatchObject({ code: 'E_LOG_WRITERS' });
    await first;
    await expect(log.commit(stale)).rejects.toMatchObject({ code: 'E_LOG_WRITERS' });
    expect(log.root()).toEqual(rootOf(5));
  });

  it('takes an entry of 65,535 bytes and refuses a longer one whole', async () => {
    const log = await open(new MemoryLogStore(), 0);
    await log.append([new Uint8Array(MAX_ENTRY_BYTES)]);
    const tooLong = log.append([entry(1), new Uint8Array(MAX_ENTRY_BYTES + 1)]);
    await expect(tooLong).rejects.toMatchObject({ code: 'E_ENTRY_SIZE' });
    expect(log.size).toBe(1);
  });
});

describe('a log whose checkpoint did not move', () => {
  it('is opened at the old size and appended to anew, other entries or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(600), fc.nat(600), fc.nat(600), async (kept, lost, added) => {
        const store = new MemoryLogStore();
        const crashed = await logOf(kept, store);
        await crashed.append(Array.from({ length: lost }, (_, i) => utf8(`lost ${i}`)));
        await crashed.removeSuperseded('finished');

        const log = unwrap(await TiledLog.open(store, kept, { verifyRoot: rootOf(kept) }));
        await log.append(entries(kept, kept + added));
        const again = unwrap(await TiledLog.open(store, kept + added, { verifyRoot: rootOf(kept + added) }));
        const all = await collect(again.entries());
        expect(all.map(({ bytes }) => bytes)).toEqual(entries(0, kept + added));
      }),
      { numRuns: 40 },
    );
  });
});

describe('a damaged log', () => {
  it('does not open under another root or another size', async () => {
    const store = new MemoryLogStore();
    await logOf(300, store);
    const under = (at: number, verifyRoot: Uint8Array) => TiledLog.open(store, at, { verifyRoot });
    expect((await under(300, rootOf(300))).ok).toBe(true);
    expect(await under(300, rootOf(299))).toMatchObject(refusedWith('E_LOG_DAMAGED'));
    expect(await TiledLog.open(store, 301)).toMatchObject(refusedWith('E_LOG_FILE_MISSING'));
    for (const bad of [-1, 0.5, NaN, 2 ** 53]) {
      expect(await TiledLog.open(store, bad)).toMatchObject(refusedWith('E_LOG_DAMAGED'));
    }
  });

  it.each(['tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/001.p/44'])(
    'does not open with a byte changed, added or lost in %s, or without it',
    async (path) => {
      const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
        (bytes) => bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte)),
        (bytes) => Uint8Array.of(...bytes, 0),
        (bytes) => bytes.subarray(0, -1),
        () => new Uint8Array(0),
      ];
      for (const change of changes) {
        const store = new MemoryLogStore();
        await logOf(300, store);
        await store.write(new Map([[path, change((await store.read(path)) ?? new Uint8Array(0))]]));
        expect((await TiledLog.open(store, 300, { verifyRoot: rootOf(300) })).ok).toBe(false);
      }
      const store = new MemoryLogStore();
      await logOf(300, store);
      await store.remove([path]);
      expect(await TiledLog.open(store, 300)).toMatchObject(refusedWith('E_LOG_FILE_MISSING'));
    },
  );

  it('says so when a full tile or bundle is gone or cut', async () => {
    const store = new MemoryLogStore();
    const log = await logOf(300, store);
    await store.write(new Map([['tile/0/000', new Uint8Array(8191)]]));
    await store.write(new Map([['tile/entries/000', new Uint8Array(100)]]));
    expect(await log.inclusionProof(3, 300)).toMatchObject(refusedWith('E_TILE'));
    expect(await log.entry(3)).toMatchObject(refusedWith('E_ENTRY_BUNDLE'));
    await store.remove(['tile/0/000', 'tile/entries/000']);
    expect(await log.inclusionProof(3, 300)).toMatchObject(refusedWith('E_LOG_FILE_MISSING'));
    expect(await log.entry(3)).toMatchObject(refusedWith('E_LOG_FILE_MISSING'));
    expect(unwrap(await log.entry(299))).toEqual(entry(299));
  });
});

describe('superseded partial files', () => {
  const partials = (store: MemoryLogStore) => store.paths().filter((path) => path.includes('.p/'));

  it('go when their tile is full, also those of earlier runs, and no sooner', async () => {
    const store = new MemoryLogStore();
    for (let at = 0; at < 200; at += 50) await (await open(store, at)).append(entries(at, at + 50));
    const log = await open(store, 200);
    await log.removeSuperseded('finished');
    expect(partials(store)).toHaveLength(8);
    await log.append(entries(200, 270));
    await log.removeSuperseded('finished');
    expect(partials(store)).toEqual(['tile/0/001.p/14', 'tile/1/000.p/1', 'tile/entries/001.p/14']);
    expect(unwrap(await TiledLog.open(store, 200)).root()).toEqual(rootOf(200));
  });

  it('go at once where nobody else reads the log', async () => {
    const store = new MemoryLogStore();
    const log = await open(store, 0);
    for (let at = 0; at < 600; at += 7) {
      await log.append(entries(at, at + 7));
      await log.removeSuperseded('all');
      expect(partials(store).length).toBeLessThanOrEqual(3);
    }
    const { size: total } = log;
    expect(unwrap(await TiledLog.open(store, total, { verifyRoot: rootOf(total) })).size).toBe(total);
  });
});
