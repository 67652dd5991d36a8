import { describe, expect, it } from 'vitest';
import { createBreathe } from '../breath.ts';
import { realClock } from '../clock.fixture.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { verifyConsistency } from '../log/merkle.ts';
import { TiledLog } from '../log/tiled-log.ts';
import type { LogSource } from '../net/sources.ts';
import { asSource, AuthenticLog, type TreeHead } from './authentic-log.ts';
import { traceConflict } from './conflict.ts';
import { forkPoint } from './fork-point.ts';

const breathe = createBreathe(realClock);

interface Side {
  readonly head: TreeHead;
  readonly source: LogSource;
  readonly read: string[];
}

/** A history of `size` entries that goes its own way after `common`. */
async function history(name: string, size: number, common: number): Promise<Side> {
  const store = new MemoryLogStore();
  const log = unwrap(await TiledLog.open(store, 0));
  await log.append(Array.from({ length: size }, (_, i) => utf8(i < common ? `both ${i}` : `${name} ${i}`)));
  const read: string[] = [];
  const inner = asSource(store);
  const source: LogSource = {
    ...inner,
    read: (path, signal) => {
      read.push(path);
      return inner.read(path, signal);
    },
  };
  return { head: { size, root: log.root() }, source, read };
}

function authentic({ head, source }: Side, staged = new MemoryLogStore()): AuthenticLog {
  return new AuthenticLog({ head, sources: [source], staged, onRefused: () => undefined, breathe });
}

const sizes: readonly [number, number, number][] = [
  [5, 5, 3],
  [5, 9, 5],
  [300, 280, 256],
  [300, 300, 255],
  [700, 1200, 511],
  [700, 700, 0],
  [66_000, 70_000, 65_536],
  [66_000, 70_000, 40_001],
];

describe('the fork point of two histories', () => {
  it.each(sizes)('%d and %d entries, the first %d of them the same', async (ours, theirs, common) => {
    const [a, b] = [await history('a', ours, common), await history('b', theirs, common)];
    expect(await forkPoint(authentic(a), authentic(b))).toBe(common);
    // The edge takes a tile per level and a bundle; the way down no more than a tile per level.
    for (const { read } of [a, b]) expect(read.length).toBeLessThanOrEqual(12);
  });

  it.each(sizes.filter(([, , common]) => common > 0))(
    'is proven from both heads: %d and %d entries, %d in common',
    async (ours, theirs, common) => {
      const [a, b] = [await history('a', ours, common), await history('b', theirs, common)];
      const [left, right] = [a, b].map(({ head, source }) => ({ head, sources: [source] }));
      const proof = left && right && (await traceConflict(left, right, breathe));
      expect(proof?.common?.size).toBe(common);
      if (proof?.common === undefined) throw new Error('no proof');
      const { root, ours: toOurs, theirs: toTheirs } = proof.common;
      expect(verifyConsistency(common, ours, root, a.head.root, toOurs).ok).toBe(true);
      expect(verifyConsistency(common, theirs, root, b.head.root, toTheirs).ok).toBe(true);
    },
  );

  it('is not believed from a source whose tiles do not lead to its root', async () => {
    const [a, b] = [await history('a', 700, 300), await history('b', 700, 300)];
    const liar: LogSource = { ...b.source, read: (path, signal) => a.source.read(path, signal) };
    const theirs = { head: b.head, sources: [liar] };
    expect(await traceConflict({ head: a.head, sources: [a.source] }, theirs, breathe)).toBeUndefined();
    const either = { head: b.head, sources: [liar, b.source] };
    const proof = await traceConflict({ head: a.head, sources: [a.source] }, either, breathe);
    expect(proof?.common?.size).toBe(300);
  });
});
