import { expect, it } from 'vitest';
import { TokenBucket, TokenBuckets } from './token-bucket.ts';

const RATE = { burst: 2, perSecond: 0.5 };

it('allows a burst, then says how long to wait, and fills up again', () => {
  const bucket = new TokenBucket(RATE, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([undefined, undefined, 2]);
  expect([bucket.take(1_000), bucket.take(2_000)]).toEqual([1, undefined]);
  expect([0, 0, 0].map(() => bucket.take(3_600_000))).toEqual([undefined, undefined, 2]);
});

it('counts each key by itself', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, 10);
  expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('b', 0)]).toEqual([
    undefined,
    1,
    undefined,
  ]);
});

it('remembers no more keys than it may, the ones used last', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001 }, 2);
  for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 0);
  expect(buckets.take('a', 0)).toBeDefined();
  expect(buckets.take('b', 0)).toBeUndefined();
});
