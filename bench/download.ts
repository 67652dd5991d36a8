// What it costs to have a file verified and stored, held against merely receiving it.
import { onEveryPlatform } from './client/on-every-platform.ts';
import { perSecond, rowOf, type BenchRow } from './measure.ts';

const ROUNDS = 7;

/** Fetch of one file of 8 MiB from one mirror: every block, the whole file and the ladder checked, and all of it stored. */
export function bench(): Promise<readonly BenchRow[]> {
  return onEveryPlatform(async (tasks, platform, { large }) => {
    const file = { purl: large.purl, name: large.name };
    const { fetched, bare } = await tasks.download({ rounds: ROUNDS, file });
    const megabytes = large.content.length / 1e6;
    const baseline = { name: 'plain fetch', values: perSecond(bare, megabytes) };
    const name = `${platform}: download, verified and stored`;
    return [rowOf(name, 'MB/s', perSecond(fetched, megabytes), baseline)];
  });
}
