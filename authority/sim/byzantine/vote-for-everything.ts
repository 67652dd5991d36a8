import { ZERO_HASH, type Hash } from '../../src/consensus/block.ts';
import { treeHeadBytes, type SignedTreeHead } from '../../src/consensus/cosignature.ts';
import type { Message } from '../../src/consensus/messages.ts';
import type { Adversary } from './adversary.ts';
import type { Trick } from './tricks.ts';

/** Longest time a vote is kept back before it is shown to anybody, in milliseconds. */
const LATEST = 3_000;

/** Votes for every block it hears of, to notarise and to finalise, and against every view: now or later, to some or others. */
export function voteForEverything(): Trick {
  const voted = new Set<string>();
  return {
    hears(adversary, _, message) {
      if (message.kind === 'cosignature') cosignOtherRoot(adversary, message.cosignature);
      const choice = choiceOf(message);
      if (choice === undefined) return;
      const key = `${choice.view} ${choice.digest}`;
      if (voted.has(key)) return;
      voted.add(key);
      voteAllWays(adversary, choice);
    },
  };
}

/** Signs another root of the same size. */
function cosignOtherRoot(adversary: Adversary, { size, time }: SignedTreeHead): void {
  if (adversary.world.random() > 0.2) return;
  const { context } = adversary.process;
  const head = { size, root: 'e7'.repeat(32) };
  const signer = context.me ?? 0;
  const key = context.set.authorities[signer]?.cosignKey ?? new Uint8Array(0);
  const signature =
    context.signCosignature(key, treeHeadBytes(context.origin, head, time)) ?? new Uint8Array(64);
  adversary.sendTo(adversary.someOthers(), {
    kind: 'cosignature',
    cosignature: { ...head, epoch: context.epoch, signer, time, signature },
  });
}

function voteAllWays(adversary: Adversary, { view, digest }: { view: number; digest: Hash }): void {
  const { random } = adversary.world;
  const kinds =
    digest === ZERO_HASH ? (['nullify'] as const) : (['notarise', 'finalise', 'nullify'] as const);
  for (const kind of kinds) {
    const message: Message = { kind: 'vote', vote: adversary.vote(kind, view, digest) };
    const wait = random() < 0.5 ? 0 : random() * LATEST;
    adversary.later(wait, () => adversary.sendTo(adversary.someOthers(), message));
    if (random() < 0.3) adversary.later(LATEST * random(), () => adversary.send(message));
  }
}

function choiceOf(message: Message): { view: number; digest: Hash } | undefined {
  if (message.kind === 'proposal' || message.kind === 'vote') return message.vote;
  return message.kind === 'certificate' ? message.certificate : undefined;
}
