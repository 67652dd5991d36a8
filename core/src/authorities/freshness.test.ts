import { expect, it } from 'vitest';
import { STALE_AFTER_SECONDS as VERIFIER_LIMIT } from '../verify/verify.ts';
import { freshnessOf, STALE_AFTER_SECONDS } from './freshness.ts';

const NOW = 1_790_000_000;
const HOUR = 3600;
const signed = (...ages: number[]) => ages.map((age) => ({ time: NOW - age }));

it('counts who signed within the last hour', () => {
  const checkpoint = { freshAsOf: NOW - 10, cosigners: signed(0, 10, HOUR, HOUR + 1, 5 * HOUR) };
  expect(freshnessOf(checkpoint, 7, NOW)).toEqual({
    asOf: NOW - 10,
    age: 10,
    signedInLastHour: 3,
    members: 7,
    isStale: false,
  });
});

it('warns beyond the very age at which the verifier calls a view stale', () => {
  expect(STALE_AFTER_SECONDS).toBe(VERIFIER_LIMIT);
  const at = (age: number) => freshnessOf({ freshAsOf: NOW - age, cosigners: [] }, 4, NOW).isStale;
  expect([at(STALE_AFTER_SECONDS), at(STALE_AFTER_SECONDS + 1)]).toEqual([false, true]);
});

it('takes a clock that is ahead of this one for no age at all', () => {
  expect(freshnessOf({ freshAsOf: NOW + 90, cosigners: signed(-90) }, 4, NOW)).toMatchObject({
    age: 0,
    signedInLastHour: 1,
  });
});
