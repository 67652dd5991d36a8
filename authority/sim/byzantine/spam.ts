import { utf8 } from '@assay/core/encoding/bytes.ts';
import { ZERO_HASH } from '../../src/consensus/block.ts';
import { treeHeadBytes } from '../../src/consensus/cosignature.ts';
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
    for (let times = world.isQuiet ? 1 : 30; times > 0; times--) {
      const further = times === 1 ? view : view + world.pick(1_000_000);
      adversary.send({ kind: 'vote', vote: adversary.vote('nullify', further, ZERO_HASH) });
    }
    const { height } = process.state.final;
    adversary.send({
      kind: 'tip',
      epoch: process.state.era.epoch,
      height,
      view: view + world.pick(1_000_000),
    });
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
    cosignManySizes(adversary);
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

/** Cosignatures of sizes that the log will not have for long. */
function cosignManySizes(adversary: Adversary): void {
  const { context, state, clock } = adversary.process;
  const time = Math.floor(clock.read(adversary.world.now) / 1000);
  for (let more = 1; more <= 4; more++) {
    const size = state.final.ledger.size + adversary.world.pick(1_000) + more;
    const head = { size, root: 'e7'.repeat(32) };
    const signer = context.me ?? 0;
    const key = context.set.authorities[signer]?.cosignKey ?? new Uint8Array(0);
    const signature =
      context.signCosignature(key, treeHeadBytes(context.origin, head, time)) ?? new Uint8Array(64);
    adversary.send({
      kind: 'cosignature',
      cosignature: { ...head, epoch: context.epoch, signer, time, signature },
    });
  }
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
