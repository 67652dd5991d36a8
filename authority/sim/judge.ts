import { execute } from '../src/consensus/execute.ts';
import { postOf, suspendedIn } from '../src/consensus/ledger.ts';
import type { World } from './world.ts';

/** What is looked at once, when a run is over: that every log is what its blocks give, and who stopped had a reason. */
export function judge(world: World): void {
  const { monitor, honest } = world;
  const { chain } = monitor.finality;
  const widest = honest.toSorted((a, b) => b.state.era.epoch - a.state.era.epoch)[0];
  const first = widest === undefined ? undefined : world.processes[widest.id];
  if (widest === undefined || first === undefined) return;
  let { ledger } = first.genesis.final;
  for (const { block } of chain) {
    const { post, height, epoch, time } = block.header;
    const context = widest.contextAt(epoch);
    const executed = execute(ledger, { time, transactions: block.transactions }, context);
    const found = executed.ok ? postOf(executed.value.ledger, context) : undefined;
    if (found?.root !== post.root || found.size !== post.size || found.mapRoot !== post.mapRoot)
      return monitor.violated(`I13: height ${height} does not give the log it promises`);
    if (!executed.ok) return;
    const { closed: _, ...open } = executed.value.ledger;
    ledger = open;
  }
  const newest = chain.at(-1)?.digest;
  for (const { state, authority, isImpaired, isMember } of honest) {
    if (isImpaired || !isMember) continue;
    if (newest !== undefined && state.final.digest !== newest)
      monitor.violated(`I17: ${authority} is at height ${state.final.height} of ${chain.length}`);
    for (const { first } of state.evidence.values()) {
      const name = state.era.set.authorities[first.signer]?.name ?? '';
      if (first.epoch === state.era.epoch && !suspendedIn(state.final.ledger).includes(name))
        monitor.violated(`R14: ${authority} has evidence against ${name}, and the log does not suspend it`);
    }
    if (state.halted !== undefined && !state.halted.reason.includes('damaged'))
      monitor.violated(`I17: ${authority} stopped voting: ${state.halted.reason}`);
    if (state.cosign.published !== undefined && state.cosign.published.size < state.final.ledger.size)
      monitor.violated(
        `I17: ${authority} published size ${state.cosign.published.size} of ${state.final.ledger.size}`,
      );
  }
}
