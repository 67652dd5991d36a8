import { expect, it } from 'vitest';
import { FetchQueue } from './fetch-queue.ts';

/** Work that ends when it is told to. */
function pieces(queue: FetchQueue) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (name: string, label = name): void =>
    queue.add(name, () => {
      started.push(label);
      return new Promise((resolve) => ends.set(label, resolve));
    });
  const end = async (label: string): Promise<void> => {
    ends.get(label)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { started, add, end };
}

it('runs a few at a time, in order', async () => {
  const queue = new FetchQueue(2);
  const { started, add, end } = pieces(queue);
  for (const name of ['a', 'b', 'c', 'd']) add(name);
  expect(started).toEqual(['a', 'b']);
  await end('b');
  expect(started).toEqual(['a', 'b', 'c']);
});

it('never runs two of one name, and lets others pass', async () => {
  const queue = new FetchQueue(2);
  const { started, add, end } = pieces(queue);
  add('a', 'first');
  add('a', 'second');
  add('b');
  expect(started).toEqual(['first', 'b']);
  await end('first');
  expect(started).toEqual(['first', 'b', 'second']);
});
