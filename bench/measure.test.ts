import { expect, it } from 'vitest';
import { compareCpuRates, perSecond, rowOf, summarise } from './measure.ts';

it('summarises by the nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect(summarise(values)).toEqual({ rounds: 200, median: 100, p10: 20, p90: 180, p99: 198 });
  expect(summarise([7])).toEqual({ rounds: 1, median: 7, p10: 7, p90: 7, p99: 7 });
  expect(() => summarise([])).toThrow(RangeError);
});

it('turns times into rates', () => {
  expect(perSecond([500, 250], 1000)).toEqual([2000, 4000]);
});

it('compares round by round', () => {
  const row = rowOf('thing', 'ms', [2, 40, 6], { name: 'other', values: [1, 20, 1] });
  expect(row.baseline).toMatchObject({ name: 'other', measured: { median: 1 }, ratio: 2 });
});

it('runs subject and baseline in turns and forgets the first round', async () => {
  const calls: string[] = [];
  const work = (name: string, turns: number) => (): void => {
    calls.push(name);
    for (let i = 0; i < turns; i++) Math.hypot(i);
  };
  const baseline = { name: 'little', work: work('b', 100_000) };
  const row = await compareCpuRates({ name: 'much', bytes: 1, subject: work('a', 20_000_000), baseline }, 2);
  expect(calls.join('')).toBe('bababa');
  expect(row.measured.rounds).toBe(2);
  expect(row.baseline?.ratio).toBeLessThan(1);
});
