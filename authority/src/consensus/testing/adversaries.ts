import { headerDigest, ZERO_HASH, type Block, type Hash } from '../block.ts';
import type { Message } from '../messages.ts';
import type { Context } from '../state.ts';
import { ballotBytes, type Vote, type VoteKind } from '../vote.ts';
import type { Tamper } from './cluster.ts';

/**
 * The worst single authority we know: as a leader it sends different blocks to different peers, with its vote for each; it votes
 * for every block it hears of, to notarise, to finalise and to nullify all at once.
 */
export function createEquivocator(): Tamper {
  const supported = new Set<string>();
  return (context, message, to) => {
    const peers = to === undefined ? others(context) : [to];
    const plain = peers.map((peer) => ({ to: peer, message }));
    if (message.kind === 'proposal' && to === undefined) return splitProposal(context, message.block);
    if (message.kind !== 'vote' && message.kind !== 'certificate') return plain;
    const { view, digest } = message.kind === 'vote' ? message.vote : message.certificate;
    const key = `${view} ${digest}`;
    if (digest === ZERO_HASH || supported.has(key)) return plain;
    supported.add(key);
    const extra = (['notarise', 'finalise', 'nullify'] as const).map((kind) =>
      voteFor(context, kind, view, digest),
    );
    return [
      ...plain,
      ...others(context).flatMap((peer) => extra.map((vote) => ({ to: peer, message: vote }))),
    ];
  };
}

/** Two blocks that differ only in their time, each to one half of the peers, then the votes for both to all. */
function splitProposal(context: Context, block: Block): { to: number; message: Message }[] {
  const later: Block = { ...block, header: { ...block.header, time: block.header.time + 1 } };
  return others(context).flatMap((peer, at) => {
    const [first, second] = at % 2 === 0 ? [block, later] : [later, block];
    const vote = signed(context, 'notarise', first.header.view, headerDigest(first.header));
    return [
      { to: peer, message: { kind: 'proposal' as const, block: first, vote } },
      { to: peer, message: voteFor(context, 'notarise', second.header.view, headerDigest(second.header)) },
    ];
  });
}

function voteFor(context: Context, kind: VoteKind, view: number, digest: Hash): Message {
  return { kind: 'vote', vote: signed(context, kind, view, kind === 'nullify' ? ZERO_HASH : digest) };
}

function signed(context: Context, kind: VoteKind, view: number, digest: Hash): Vote {
  const ballot = { kind, view, digest, epoch: context.epoch };
  return { ...ballot, signer: context.me, signature: context.signVote(ballotBytes(context.chain, ballot)) };
}

function others({ count, me }: Context): number[] {
  return Array.from({ length: count }, (_, index) => index).filter((index) => index !== me);
}
