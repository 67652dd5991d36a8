// How fast a client that believes nobody takes in a whole log: fetched, hashed, decoded, checked by the rules, stored, catalogued.
import { onEveryPlatform } from './client/on-every-platform.ts';
import { perSecond, rowOf, type BenchRow } from './measure.ts';

const ROUNDS = 5;

/** First sync and reopening of 10,000 entries, and the parts of that, in records per second. */
export function bench(): Promise<readonly BenchRow[]> {
  return onEveryPlatform(async (tasks, platform) => {
    const { size, first, again, verified, bare, trees } = await tasks.replay({ rounds: ROUNDS });
    const baseline = { name: 'fetch + SHA-256', values: perSecond(bare, size) };
    return [
      rowOf(`${platform}: full replay of a log`, 'records/s', perSecond(first, size), baseline),
      rowOf(`${platform}: replay of the stored log`, 'records/s', perSecond(again, size), baseline),
      rowOf(`${platform}: … verification alone`, 'records/s', perSecond(verified, size), baseline),
      rowOf(
        `${platform}: tree over entries of 300 bytes`,
        'records/s',
        perSecond(trees.kernel, trees.entries),
        {
          name: 'noble alone',
          values: perSecond(trees.noble, trees.entries),
        },
      ),
    ];
  });
}
