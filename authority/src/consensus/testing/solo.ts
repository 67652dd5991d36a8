import { headerDigest, transactionRoot, ZERO_HASH, type Block, type Hash } from '../block.ts';
import { treeHeadBytes, type SignedTreeHead, type TreeHead } from '../cosignature.ts';
import type { Effect, Happening, OwnStatement, Write } from '../events.ts';
import { closesEpoch, executeBlock, execute } from '../execute.ts';
import { postOf, type Ledger } from '../ledger.ts';
import type { Message } from '../messages.ts';
import { reduce } from '../reducer.ts';
import { contextOf, nameOf, type Context, type Network } from '../era.ts';
import { leaderOf, type State } from '../state.ts';
import { ballotBytes, certificateOf, type Certificate, type Vote, type VoteKind } from '../vote.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { FAKE_START, fakeName, fakeNetwork, fakeSignature, fakeState } from './fake-network.ts';

/** One authority's reducer under test; everything the others say is made by the test. */
export class Solo {
  readonly network: Network;
  state: State;
  now = FAKE_START;
  /** Whether `persist` effects are followed by `persisted` at once. */
  isDiskFast = true;

  constructor({
    me = 0,
    count = 4,
    name = fakeName(me),
    state,
  }: { me?: number; count?: number; name?: string; state?: State } = {}) {
    this.network = fakeNetwork(name, count);
    this.state = state ?? fakeState(this.network);
  }

  /** What the rules go by in the present epoch. */
  get context(): Context {
    return contextOf(this.network, this.state.era);
  }

  /** Takes in one happening and what follows from it; gives the effects of all of it. */
  happen(happening: Happening): Effect[] {
    this.now += 1;
    const all: Effect[] = [];
    const waiting = [happening];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { state, effects } = reduce(this.network, this.state, { ...next, now: this.now });
      this.state = state;
      for (const effect of effects) {
        all.push(effect);
        if (effect.kind === 'persist' && this.isDiskFast)
          waiting.push({ kind: 'persisted', release: effect.release });
      }
    }
    return all;
  }

  /** Hears a member by its index, or anybody by name. */
  hear(from: number | string, message: Message): Effect[] {
    const name = typeof from === 'number' ? nameOf(this.state.era, from) : from;
    return this.happen({ kind: 'message', from: name, message });
  }

  hearVote(signer: number, kind: VoteKind, view: number, digest: Hash = ZERO_HASH): Effect[] {
    return this.hear(signer, { kind: 'vote', vote: this.vote(signer, kind, view, digest) });
  }

  /** Makes and hears a proposal of its view's leader. */
  hearProposal(block: Block): Effect[] {
    const leader = leaderOf(this.context, block.header.view);
    const vote = this.vote(leader, 'notarise', block.header.view, headerDigest(block.header));
    return this.hear(leader, { kind: 'proposal', block, vote });
  }

  hearCertificate(
    kind: VoteKind,
    view: number,
    digest: Hash = ZERO_HASH,
    signers?: readonly number[],
  ): Effect[] {
    return this.hear(1, { kind: 'certificate', certificate: this.certificate(kind, view, digest, signers) });
  }

  vote(
    signer: number,
    kind: VoteKind,
    view: number,
    digest: Hash = ZERO_HASH,
    epoch = this.state.era.epoch,
  ): Vote {
    const { era } = this.state;
    const set = era.sets[epoch - 1] ?? era.set;
    const key = set.authorities[signer]?.voteKey ?? new Uint8Array(32);
    const ballot = { kind, epoch, view, digest };
    return { ...ballot, signer, signature: fakeSignature(key, ballotBytes(this.network.chain, ballot)) };
  }

  /** By default of the three others, so that it says nothing of this authority. */
  certificate(
    kind: VoteKind,
    view: number,
    digest: Hash = ZERO_HASH,
    signers?: readonly number[],
    epoch = this.state.era.epoch,
  ): Certificate {
    const all = [...this.context.names.keys()].filter((index) => index !== this.context.me);
    const votes = (signers ?? all.slice(0, this.context.quorum)).map((one) =>
      this.vote(one, kind, view, digest, epoch),
    );
    return certificateOf({ kind, epoch, view, digest }, votes);
  }

  cosignature(signer: number, head: TreeHead, time: number, epoch = this.state.era.epoch): SignedTreeHead {
    const { size, root } = head;
    const key = this.state.era.sets[epoch - 1]?.authorities[signer]?.cosignKey ?? new Uint8Array(32);
    const signature = fakeSignature(key, treeHeadBytes(this.network.origin, head, time));
    return { size, root, epoch, signer, time, signature };
  }

  /** A block on the last final one, or on `parent`. */
  block(
    view: number,
    transactions: readonly Uint8Array[],
    parent?: Block,
    changes: Partial<Block['header']> = {},
  ): Block {
    const base = parent === undefined ? undefined : this.#ledgerAfter(parent);
    const ledger = base ?? this.state.final.ledger;
    const time = changes.time ?? Math.floor(this.now / 1000);
    const executed = unwrap(execute(ledger, { time, transactions }, this.context));
    const header = {
      v: 1 as const,
      chain: this.context.chain,
      epoch: this.context.epoch,
      view,
      height: (parent?.header.height ?? this.state.final.height) + 1,
      parent: parent === undefined ? this.state.final.digest : headerDigest(parent.header),
      time,
      txRoot: transactionRoot(transactions),
      txCount: transactions.length,
      closes: closesEpoch(ledger, executed.ledger),
      post: postOf(executed.ledger, this.context),
      ...changes,
    };
    return { header, transactions };
  }

  #ledgerAfter(block: Block): Ledger {
    const known = this.state.blocks.get(headerDigest(block.header));
    if (known?.outcome.kind === 'valid') return known.outcome.execution.ledger;
    return unwrap(executeBlock(this.state.final.ledger, block, this.context)).ledger;
  }
}

/** The own statements among effects: what left, or will leave, after a commit. */
export function statements(effects: readonly Effect[]): OwnStatement[] {
  return effects.flatMap((effect) => (effect.kind === 'persist' ? effect.release : []));
}

/** The own votes among effects, as `kind view`. */
export function votes(effects: readonly Effect[]): string[] {
  return statements(effects).flatMap((one) =>
    one.kind === 'cosignature' ? [] : [`${one.vote.kind} ${one.vote.view}`],
  );
}

/** Everything that must be durable before the statements of these effects leave. */
export function writes(effects: readonly Effect[]): Write[] {
  return effects.flatMap((effect) => (effect.kind === 'persist' ? effect.writes : []));
}

/** Messages sent to one peer or to all. */
export function sent(effects: readonly Effect[], to?: number | string): Message[] {
  const name = typeof to === 'number' ? fakeName(to) : to;
  return effects.flatMap((effect) => {
    if (effect.kind === 'broadcast') return to === undefined ? [effect.message] : [];
    return effect.kind === 'send' && effect.to === name ? [effect.message] : [];
  });
}
