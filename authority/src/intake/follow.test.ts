import { expect, it } from 'vitest';
import { followChanges } from './follow.ts';

function source(values: number[], last: number) {
  const watchers = new Set<() => void>();
  const followed = followChanges({
    read: () => {
      const value = values[0];
      if (value === undefined) throw new Error('gone');
      return value;
    },
    isLast: (value) => value === last,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  });
  const change = (value?: number): void => {
    if (value === undefined) values.length = 0;
    else values[0] = value;
    for (const watcher of watchers) watcher();
  };
  return { iterator: followed[Symbol.asyncIterator](), change, watchers };
}

it('gives the value now, then each change, then ends', async () => {
  const { iterator, change, watchers } = source([1], 3);
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  const next = iterator.next();
  change(2);
  expect(await next).toEqual({ done: false, value: 2 });
  change(3);
  expect(await iterator.next()).toEqual({ done: false, value: 3 });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect(watchers.size).toBe(0);
});

it('leaves out what changed again before it was taken', async () => {
  const { iterator, change } = source([1], 9);
  change(2);
  change(3);
  expect((await iterator.next()).value).toBe(3);
});

it('ends at once when it is returned while it waits', async () => {
  const { iterator, watchers } = source([1], 9);
  await iterator.next();
  const waiting = iterator.next();
  await iterator.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(watchers.size).toBe(0);
});

it('stops watching when reading fails', async () => {
  const { iterator, change, watchers } = source([1], 9);
  await iterator.next();
  const waiting = iterator.next();
  change();
  await expect(waiting).rejects.toThrow('gone');
  expect(watchers.size).toBe(0);
});
