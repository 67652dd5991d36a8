import { utf8 } from '@assay/core/encoding/bytes.ts';
import { ZERO_HASH } from '../../src/consensus/block.ts';
import type { Adversary } from './adversary.ts';
import type { Trick } from './tricks.ts';

/** Milliseconds between two pieces of spam, at most. */
const PAUSE = 400;
/** The same once the network ought to be quiet. */
const QUIET_PAUSE = 8_000;

/** Votes against views far ahead, so that others might follow there. */
export function jumpViews(): Trick {
  return repeating((adversary) => {
    const { world, process } = adversary;
    const view = process.state.view + world.pick(80);
    adversary.send({ kind: 'vote', vote: adversary.vote('nullify', view, ZERO_HASH) });
    const { height } = process.state.final;
    adversary.send({ kind: 'tip', height, view: view + world.pick(1_000_000) });
  });
}

/** Votes in the present view when there is nothing to vote about. */
export function keepBusy(): Trick {
  return repeating((adversary) => {
    const { world, process } = adversary;
    const view = process.state.view + world.pick(2);
    const digest = world.pick(2) === 0 ? 'ab'.repeat(32) : process.state.final.digest;
    const kind = (['notarise', 'nullify', 'finalise'] as const)[world.pick(3)] ?? 'nullify';
    adversary.send({ kind: 'vote', vote: adversary.vote(kind, view, digest) });
  });
}

/** Asks without end, and sends transactions that are none; only while the storm lasts, for it makes others answer. */
export function flood(): Trick {
  return repeating((adversary) => {
    const { world, process } = adversary;
    if (world.isQuiet) return;
    const { state } = process;
    const junk = world.random();
    const from = world.pick(state.final.height + 3);
    for (let times = 0; times < 8; times++) {
      adversary.send({ kind: 'fetch-final', from });
      adversary.send({ kind: 'fetch-certificates', from: state.view, to: state.view + 20 });
      adversary.send({ kind: 'fetch-block', digest: 'cd'.repeat(32) });
      adversary.send({ kind: 'transaction', bytes: utf8(`junk ${junk}`) });
      const first = adversary.vote('nullify', state.view + times, ZERO_HASH);
      const second = { ...first, digest: 'ef'.repeat(32) };
      adversary.send({ kind: 'evidence', evidence: { kind: 'votes', first, second } });
    }
  });
}

function repeating(action: (adversary: Adversary) => void): Trick {
  return {
    starts(adversary) {
      const { world } = adversary;
      const again = () => {
        action(adversary);
        world.coverage.note('spam ignored');
        adversary.later(world.random() * (world.isQuiet ? QUIET_PAUSE : PAUSE), again);
      };
      adversary.later(world.random() * PAUSE, again);
    },
  };
}
