import {
  headerDigest,
  transactionRoot,
  ZERO_HASH,
  type Block,
  type Header,
} from '../../src/consensus/block.ts';
import type { Message } from '../../src/consensus/messages.ts';
import { leaderOf } from '../../src/consensus/state.ts';
import { certificateOf, type Vote } from '../../src/consensus/vote.ts';
import type { Adversary } from './adversary.ts';
import type { Trick } from './tricks.ts';

const OTHER_ROOT = '5a'.repeat(32);

/** Ways to spoil a block: each must be refused by everybody. */
const spoilers: readonly ((header: Header) => Header)[] = [
  (header) => ({ ...header, post: { ...header.post, root: OTHER_ROOT } }),
  (header) => ({ ...header, post: { ...header.post, size: header.post.size + 1 } }),
  (header) => ({ ...header, post: { ...header.post, mapRoot: OTHER_ROOT } }),
  (header) => ({ ...header, post: { ...header.post, nextSetHash: OTHER_ROOT } }),
  (header) => ({ ...header, height: header.height + 1 }),
  (header) => ({ ...header, time: header.time + 3_600 }),
  (header) => ({ ...header, time: 0 }),
  (header) => ({ ...header, epoch: header.epoch + 1 }),
  (header) => ({ ...header, chain: OTHER_ROOT }),
  (header) => ({ ...header, closes: true }),
];

/** As a leader proposes what is not valid; in between passes on forged certificates, cosignatures and chains of final blocks. */
export function makeInvalid(): Trick {
  return {
    says(adversary, message) {
      if (message.kind !== 'proposal' || adversary.world.random() < 0.3) return false;
      const block = spoiled(adversary, message.block);
      const digest = headerDigest(block.header);
      const vote = adversary.vote('notarise', block.header.view, digest);
      adversary.send({ kind: 'proposal', block, vote });
      return true;
    },
    hears(adversary, from, message) {
      if (message.kind === 'fetch-final') {
        const answer = forgedFinal(adversary, message.from);
        if (answer !== undefined) adversary.send(answer, from);
      }
      if (adversary.world.random() > 0.1) return;
      const forged = forgedFrom(adversary, message);
      if (forged !== undefined) adversary.send(forged, adversary.world.random() < 0.5 ? from : undefined);
    },
  };
}

function spoiled({ world }: Adversary, block: Block): Block {
  const spoil = spoilers[world.pick(spoilers.length + 1)];
  if (spoil !== undefined) return { ...block, header: spoil(block.header) };
  // The same transaction twice: its head is as it should be for two.
  const transactions = [...block.transactions, ...block.transactions];
  const txRoot = transactionRoot(transactions);
  return { header: { ...block.header, txCount: transactions.length, txRoot }, transactions };
}

function forgedFrom(adversary: Adversary, message: Message): Message | undefined {
  const { process, world } = adversary;
  const { context, state } = process;
  if (message.kind === 'vote' && world.random() < 0.3) {
    // Somebody else's name under its own signature.
    const vote = adversary.vote('nullify', message.vote.view, ZERO_HASH);
    return { kind: 'vote', vote: { ...vote, signer: message.vote.signer } };
  }
  if (message.kind === 'vote')
    return { kind: 'certificate', certificate: forgedCertificate(adversary, message.vote) };
  if (message.kind === 'proposal') {
    const stolen: Vote = { ...message.vote, signer: leaderOf(context, message.vote.view + 1) };
    return { kind: 'proposal', block: message.block, vote: stolen };
  }
  if (message.kind === 'tip') {
    const height = state.final.height + world.pick(1_000);
    return { ...message, height, view: state.view + world.pick(100) };
  }
  if (message.kind === 'cosignature') {
    return { kind: 'cosignature', cosignature: { ...message.cosignature, root: OTHER_ROOT } };
  }
  if (message.kind === 'certificate') {
    const [block] = [...state.blocks.values()];
    if (block === undefined) return undefined;
    return {
      kind: 'final',
      blocks: [block.block],
      path: [],
      proof: { ...message.certificate, kind: 'finalise' },
    };
  }
  return undefined;
}

/** A block that some leader made for this height, as if it were the final one. */
function forgedFinal({ cabal, world }: Adversary, height: number): Message | undefined {
  const made = [...cabal.forks].filter(([, { block }]) => block.header.height === height);
  const [digest, fork] = made[world.pick(made.length)] ?? [];
  if (digest === undefined || fork === undefined) return undefined;
  const { view, epoch } = fork.block.header;
  const signatures = cabal.members.map((member) => member.vote('finalise', view, digest));
  const proof = certificateOf({ kind: 'finalise', epoch, view, digest }, signatures);
  return { kind: 'final', blocks: [fork.block], path: [], proof };
}

/** One vote less than a quorum, or a quorum made of one vote: repeated, or under other names. */
function forgedCertificate(adversary: Adversary, vote: Vote) {
  const { process, world, cabal } = adversary;
  const { count, quorum } = process.context;
  const heard = cabal.heard.flatMap((one) =>
    one.kind === 'vote' &&
    one.vote.kind === vote.kind &&
    one.vote.view === vote.view &&
    one.vote.digest === vote.digest
      ? [one.vote]
      : [],
  );
  const own = cabal.members.map((member) => member.vote(vote.kind, vote.view, vote.digest));
  const distinct = [...new Map([...heard, ...own].map((one) => [one.signer, one])).values()];
  if (distinct.length >= quorum - 1) return certificateOf(vote, distinct.slice(0, quorum - 1));
  const isRepeated = world.random() < 0.5;
  const votes = Array.from({ length: quorum }, (_, at) => ({
    ...vote,
    signer: isRepeated ? vote.signer : at % count,
  }));
  const kind = world.random() < 0.5 ? vote.kind : 'nullify';
  return certificateOf({ ...vote, kind, digest: kind === 'nullify' ? ZERO_HASH : vote.digest }, votes);
}
