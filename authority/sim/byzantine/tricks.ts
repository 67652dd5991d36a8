import type { Message } from '../../src/consensus/messages.ts';
import type { TrickName } from '../plan.ts';
import type { Adversary } from './adversary.ts';
import { forkEveryParent } from './fork-every-parent.ts';
import { makeInvalid } from './make-invalid.ts';
import { flood, jumpViews, keepBusy } from './spam.ts';
import { voteForEverything } from './vote-for-everything.ts';

/** One way to misbehave. */
export interface Trick {
  /** Once, when the run begins. */
  starts?(adversary: Adversary): void;
  /** What the honest reducer inside would say; true when the trick took care of it. */
  says?(adversary: Adversary, message: Message, to: number | undefined): boolean;
  hears?(adversary: Adversary, from: number, message: Message): void;
}

/** All tricks, by name; each run gets its own. */
export const tricks: Readonly<Record<TrickName, () => Trick>> = {
  'fork-every-parent': forkEveryParent,
  'vote-for-everything': voteForEverything,
  withhold,
  'select-receivers': selectReceivers,
  replay,
  'make-invalid': makeInvalid,
  'jump-views': jumpViews,
  'keep-busy': keepBusy,
  flood,
};

/** Keeps certificates, bodies, cosignatures and often votes for itself, or says them much later. */
function withhold(): Trick {
  const kept: readonly string[] = ['certificate', 'block', 'final', 'cosignature', 'proposal'];
  return {
    says(adversary, message, to) {
      const { random } = adversary.world;
      const isKept = kept.includes(message.kind) ? random() < 0.7 : message.kind === 'vote' && random() < 0.3;
      if (isKept && random() < 0.5) adversary.later(random() * 2_000, () => adversary.send(message, to));
      return isKept;
    },
  };
}

/** Tells only some what it should tell all. */
function selectReceivers(): Trick {
  return {
    says(adversary, message, to) {
      if (to !== undefined || adversary.world.random() < 0.3) return false;
      adversary.sendTo(adversary.someOthers(), message);
      return true;
    },
  };
}

/** Says again what it once heard. */
function replay(): Trick {
  return {
    hears(adversary) {
      const { world, cabal, others } = adversary;
      if (world.random() > 0.05) return;
      const old = cabal.heard[world.pick(cabal.heard.length)];
      const to = others[world.pick(others.length)];
      if (old !== undefined) adversary.send(old, to);
    },
  };
}
