import { expect, it } from 'vitest';
import { LatestValue } from './latest-value.ts';

it('gives a listener the value of now, then the newest, leaving out those between', async () => {
  const value = new LatestValue<number>();
  const gone = new AbortController();
  value.set(1);
  const heard = value.follow(gone.signal);
  expect((await heard.next()).value).toBe(1);
  value.set(2);
  value.set(3);
  expect((await heard.next()).value).toBe(3);
  const next = heard.next();
  value.set(4);
  expect((await next).value).toBe(4);
});

it('lets a listener go that waits for a first value', async () => {
  const gone = new AbortController();
  const waiting = new LatestValue<number>().follow(gone.signal).next();
  gone.abort();
  expect((await waiting).done).toBe(true);
});
