import { expect, it } from 'vitest';
import { TokenBuckets } from './token-buckets.ts';

const limits = { burst: 3, perSecond: 2 };

it('gives a burst, then as much as comes in, to each address by itself', () => {
  let now = 0;
  const buckets = new TokenBuckets(() => now);
  expect([1, 2, 3, 4].map(() => buckets.take('a', limits))).toEqual([0, 0, 0, 500]);
  expect(buckets.take('b', limits)).toBe(0);
  now = 250;
  expect(buckets.take('a', limits)).toBe(250);
  now = 500;
  expect(buckets.take('a', limits)).toBe(0);
  now = 60_000;
  expect([1, 2, 3, 4].map(() => buckets.take('a', limits))).toEqual([0, 0, 0, 500]);
});

it('forgets addresses rather than grow', () => {
  const buckets = new TokenBuckets(() => 0);
  for (let i = 0; i < 3; i++) buckets.take('first', limits);
  for (let i = 0; i < 19_999; i++) buckets.take(`${i}`, limits);
  expect(buckets.take('first', limits)).toBeGreaterThan(0);
  for (let i = 0; i < 20_000; i++) buckets.take(`${i}`, limits);
  expect(buckets.take('first', limits)).toBe(0);
});
