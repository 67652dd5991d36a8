import { headerDigest, transactionRoot, type Block, type Hash } from '../../src/consensus/block.ts';
import { closesEpoch, execute } from '../../src/consensus/execute.ts';
import { findPackage, postOf, type Ledger } from '../../src/consensus/ledger.ts';
import { leaderOf } from '../../src/consensus/state.ts';
import type { Adversary } from './adversary.ts';
import type { Trick } from './tricks.ts';

/** Views ahead for which it makes blocks already. */
const AHEAD = 3;
/** Blocks it makes for one view, at most. */
const MOST_BLOCKS = 4;

interface Parent {
  readonly digest: Hash;
  readonly height: number;
  readonly view: number;
  readonly time: number;
  readonly ledger: Ledger;
}

/**
 * As the leader of a view makes several valid blocks, each on another of all parents it knows, notarised or not, and shows each to
 * some; all byzantine authorities vote for all of them. This is what finds missing checks of certificates.
 */
export function forkEveryParent(): Trick {
  const forked = new Set<number>();
  return {
    hears(adversary) {
      const { context, state } = adversary.process;
      for (let view = state.view; view <= state.view + AHEAD; view++) {
        if (forked.has(view)) continue;
        forked.add(view);
        // Sometimes also where it does not lead.
        if (leaderOf(context, view) !== context.me && adversary.world.random() < 0.9) continue;
        const wait = (view - state.view + adversary.world.random() * 2) * context.delta;
        adversary.later(wait, () => forkAt(adversary, view));
      }
    },
    // Its own honest block is one among the others.
    says: (adversary, message) => {
      if (message.kind !== 'proposal') return false;
      adversary.sendTo(adversary.someOthers(), message);
      return true;
    },
  };
}

function forkAt(adversary: Adversary, view: number): void {
  const { world, cabal, process } = adversary;
  if (view <= process.state.final.view) return;
  const parents = parentsBelow(adversary, view);
  const chosen = parents.filter(
    (_, at) => at === 0 || world.random() < Math.max(0.5, MOST_BLOCKS / parents.length),
  );
  // Two on the best parent: each by itself is what an honest leader might propose.
  for (const parent of [...chosen.slice(0, 1), ...chosen.slice(0, MOST_BLOCKS)]) {
    const block = blockOn(adversary, parent, view);
    if (block === undefined) continue;
    const digest = headerDigest(block.header);
    cabal.learn(process, block, digest);
    const vote = adversary.vote('notarise', view, digest);
    adversary.sendTo(adversary.someOthers(), { kind: 'proposal', block, vote });
    for (const member of cabal.members) {
      const support = member.vote('notarise', view, digest);
      member.later(world.random() * 100, () =>
        member.sendTo(member.someOthers(), { kind: 'vote', vote: support }),
      );
    }
  }
  if (chosen.length > 1) world.coverage.note('leader equivocated');
}

/** The last final block and every block known to stand above it, highest view first. */
function parentsBelow({ cabal, process }: Adversary, view: number): Parent[] {
  const { final } = process.state;
  const forks = [...cabal.forks]
    .filter(
      ([, { block }]) =>
        block.header.epoch === process.context.epoch &&
        block.header.view < view &&
        block.header.view >= final.view - 4,
    )
    .map(([digest, { block, ledger }]) => ({ digest, ledger, ...placeOf(block) }));
  const { digest, height, time, ledger } = final;
  return [...forks, { digest, height, view: final.view, time, ledger }].toSorted((a, b) => b.view - a.view);
}

function placeOf({ header }: Block): { height: number; view: number; time: number } {
  return { height: header.height, view: header.view, time: header.time };
}

function blockOn({ world, cabal, process }: Adversary, parent: Parent, view: number): Block | undefined {
  const { context } = process;
  const transactions: Uint8Array[] = [];
  const purls = new Set<string>();
  for (const bytes of cabal.transactions.values()) {
    const checked = context.checkTransaction(bytes, context);
    if (!checked.ok || checked.value.kind !== 'artifact-add') continue;
    if (purls.has(checked.value.purl) || world.random() < 0.4) continue;
    // Now and then what the log holds already: nobody may let it in twice.
    if (findPackage(parent.ledger, checked.value.purl) !== undefined && world.random() < 0.9) continue;
    purls.add(checked.value.purl);
    transactions.push(bytes);
  }
  const change = [...cabal.transactions.values()].findLast((bytes) => {
    const checked = context.checkTransaction(bytes, context);
    return checked.ok && checked.value.kind === 'authority-change';
  });
  if (change !== undefined && world.random() < 0.5) transactions.push(change);
  const time = Math.max(parent.time, Math.floor(process.clock.read(world.now) / 1000) + world.pick(3));
  const executed = execute(parent.ledger, { time, transactions }, context);
  if (!executed.ok) return undefined;
  const header = {
    v: 1 as const,
    chain: context.chain,
    epoch: context.epoch,
    view,
    height: parent.height + 1,
    parent: parent.digest,
    time,
    txRoot: transactionRoot(transactions),
    txCount: transactions.length,
    closes: closesEpoch(parent.ledger, executed.value.ledger),
    post: postOf(executed.value.ledger, context),
  };
  return { header, transactions };
}
