// How long a person waits for a verdict on a file that is stored already.
import { onEveryPlatform } from './client/on-every-platform.ts';
import { rowOf, type BenchRow } from './measure.ts';

/** The evidence ladder of a small file, whole and rung by rung, and of a large one, where the file itself takes the time. */
export function bench(): Promise<readonly BenchRow[]> {
  return onEveryPlatform(async (tasks, platform, { small, large }) => {
    const ofSmall = await tasks.ladder({ rounds: 31, file: { purl: small.purl, name: small.name } });
    const ofLarge = await tasks.ladder({ rounds: 5, file: { purl: large.purl, name: large.name } });
    const whole = (size: string, { whole, signatures }: typeof ofSmall): BenchRow => {
      const baseline = { name: 'its signatures', values: signatures };
      return rowOf(`${platform}: verdict on ${size}`, 'ms', whole, baseline);
    };
    const rungs = Object.entries(ofSmall.rungs).map(([rung, times]) =>
      rowOf(`${platform}: … rung ${rung} of 64 KiB`, 'ms', times),
    );
    return [whole('64 KiB', ofSmall), ...rungs, whole('8 MiB', ofLarge)];
  });
}
