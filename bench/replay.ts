// How fast a client that believes nobody takes in a whole log: fetched, hashed, decoded, checked by the rules, stored, catalogued.
import { onEveryPlatform } from './client/on-every-platform.ts';
import { rateSummary, type BenchRow } from './measure.ts';

const ROUNDS = 5;

/** First sync and reopening of 10,000 entries, in records per second. */
export function bench(): Promise<readonly BenchRow[]> {
  return onEveryPlatform(async (tasks, platform) => {
    const { size, first, again, bare } = await tasks.replay({ rounds: ROUNDS });
    const rate = (times: readonly number[]) => rateSummary(times, size, 'records/s');
    const baseline = { name: 'fetch + SHA-256', measured: rate(bare) };
    return [
      { name: `${platform}: full replay of a log`, unit: 'records/s', measured: rate(first), baseline },
      { name: `${platform}: replay of the stored log`, unit: 'records/s', measured: rate(again), baseline },
    ];
  });
}
