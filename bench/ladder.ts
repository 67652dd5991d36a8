// How long a person waits for a verdict on a file that is stored already.
import { onEveryPlatform } from './client/on-every-platform.ts';
import { summarise, type BenchRow } from './measure.ts';

/** The evidence ladder of a small file, whole and rung by rung, and of a large one, where the file itself takes the time. */
export function bench(): Promise<readonly BenchRow[]> {
  return onEveryPlatform(async (tasks, platform, { small, large }) => {
    const ofSmall = await tasks.ladder({ rounds: 31, file: { purl: small.purl, name: small.name } });
    const ofLarge = await tasks.ladder({ rounds: 5, file: { purl: large.purl, name: large.name } });
    const whole = (size: string, { whole, signatures }: typeof ofSmall): BenchRow => ({
      name: `${platform}: verdict on ${size}`,
      unit: 'ms',
      measured: summarise(whole),
      baseline: { name: 'its signatures', measured: summarise(signatures) },
    });
    const rungs = Object.entries(ofSmall.rungs).map(([rung, times]): BenchRow => ({
      name: `${platform}: … rung ${rung} of 64 KiB`,
      unit: 'ms',
      measured: summarise(times),
    }));
    return [whole('64 KiB', ofSmall), ...rungs, whole('8 MiB', ofLarge)];
  });
}
