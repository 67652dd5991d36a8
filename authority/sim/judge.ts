import { execute } from '../src/consensus/execute.ts';
import type { World } from './world.ts';

/** What is looked at once, when a run is over: that every log is what its blocks give, and who stopped had a reason. */
export function judge(world: World): void {
  const { monitor, honest } = world;
  const { chain } = monitor.finality;
  const [first] = world.processes;
  if (first === undefined) return;
  let ledger = first.genesis.final.ledger;
  for (const { block } of chain) {
    const executed = execute(
      ledger,
      { time: block.header.time, transactions: block.transactions },
      first.context,
    );
    const { post, height } = block.header;
    if (!executed.ok || executed.value.ledger.root !== post.root || executed.value.ledger.size !== post.size)
      return monitor.violated(`I13: height ${height} does not give the log it promises`);
    ledger = executed.value.ledger;
  }
  const newest = chain.at(-1)?.digest;
  for (const { state, authority, isImpaired } of honest) {
    if (isImpaired) continue;
    if (newest !== undefined && state.final.digest !== newest)
      monitor.violated(`I17: ${authority} is at height ${state.final.height} of ${chain.length}`);
    if (state.halted !== undefined && !state.halted.reason.includes('damaged'))
      monitor.violated(`I17: ${authority} stopped voting: ${state.halted.reason}`);
    if (state.cosign.published !== undefined && state.cosign.published.size < state.final.ledger.size)
      monitor.violated(
        `I17: ${authority} published size ${state.cosign.published.size} of ${state.final.ledger.size}`,
      );
  }
}
