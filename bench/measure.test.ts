import { expect, it } from 'vitest';
import { compareRates, inTurns, rateSummary, summarise } from './measure.ts';

it('summarises by the nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(summarise(values)).toEqual({ rounds: 200, median: 100, p10: 20, p90: 180, p99: 198 });
  expect(summarise([7])).toEqual({ rounds: 1, median: 7, p10: 7, p90: 7, p99: 7 });
  expect(() => summarise([])).toThrow(RangeError);
});

it('turns times into rates', () => {
  expect(rateSummary([10, 20], 1_000_000, 'MB/s')).toMatchObject({ p10: 50, p90: 100 });
  expect(rateSummary([500], 1000, 'records/s').median).toBe(2000);
});

it('runs works in turns and forgets the first round', async () => {
  const calls: string[] = [];
  const work = (name: string) => (): void => void calls.push(name);
  const times = await inTurns([work('a'), work('b')], 2);
  expect(calls.join('')).toBe('ababab');
  expect(times.map((one) => one.length)).toEqual([2, 2]);
});

it('tells a slow subject from a fast baseline', async () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 20));
  const contest = { name: 'slow', unit: 'MB/s', amount: 1000, subject: slow } as const;
  const row = await compareRates({ ...contest, baseline: { name: 'nothing', work: () => undefined } }, 2);
  expect(row.measured.median).toBeLessThan(row.baseline?.measured.median ?? 0);
});
