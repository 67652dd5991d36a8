import type { Effect } from '../../src/consensus/events.ts';
import { MAX_CLOCK_AHEAD_SECONDS } from '../../src/consensus/limits.ts';
import { leaderOf, type State } from '../../src/consensus/state.ts';
import type { Process } from '../process.ts';
import type { Report } from './monitor.ts';

/** What a voter owes at the moment it decides: R3 on time and empty blocks, and silence once it has stopped voting. */
export function checkDecisions(
  report: Report,
  { authority, context, clock, worldNow }: Process,
  before: State,
  { writes, release }: Extract<Effect, { kind: 'persist' }>,
): void {
  if (before.halted !== undefined && release.length > 0)
    report(`W: ${authority} decided to speak after it had stopped: ${before.halted.reason}`);
  for (const write of writes) {
    if (write.kind !== 'vote' || write.vote.kind !== 'notarise') continue;
    const { digest, view } = write.vote;
    if (leaderOf(context, view) === context.me) continue;
    const body = writes.find((one) => one.kind === 'block' && one.digest === digest);
    if (body?.kind !== 'block') continue;
    const { header } = body.block;
    if (header.time > Math.floor(clock.read(worldNow) / 1000) + MAX_CLOCK_AHEAD_SECONDS)
      report(`R3: ${authority} voted in view ${view} for a block from the future`);
    if (header.txCount === 0 && header.parent === before.final.digest)
      report(`R3: ${authority} voted in view ${view} for an empty block that closes nothing`);
  }
}
