import { describe, expect, it } from 'vitest';
import { headerDigest, type Block } from '../block.ts';
import type { Effect } from '../events.ts';
import { MemoryStore } from '../memory-store.ts';
import { leaderOf } from '../state.ts';
import { finalRun } from '../store.ts';
import { fakeChange } from '../testing/fake-change.ts';
import { fakeState, fakeTransaction } from '../testing/fake-network.ts';
import { sent, Solo, statements, votes, writes } from '../testing/solo.ts';
import { restore } from './replay.ts';

const tx = fakeTransaction('pkg:npm/a@1.0.0');

/** The block of view 1 that takes `a4` in, or does what else is asked. */
function closingBlock(one: Solo, change: Parameters<typeof fakeChange>[2] = { add: ['a4'] }): Block {
  return one.block(1, [fakeChange(one.network, one.state.era, change)]);
}

/** Makes a block final by its own certificate. */
function makeFinal(one: Solo, block: Block): Effect[] {
  const digest = headerDigest(block.header);
  return [...one.hearProposal(block), ...one.hearCertificate('finalise', block.header.view, digest)];
}

/** Lets three members of epoch 1 cosign the tree it ended with. */
function hearCosignatures(one: Solo): Effect[] {
  const head = one.context.closings.at(-1)?.head ?? { size: 0, root: '' };
  return [1, 2, 3].flatMap((signer) =>
    one.hear(signer, { kind: 'cosignature', cosignature: one.cosignature(signer, head, 2_000, 1) }),
  );
}

/** The first block of epoch 2 as its leader proposes it, once it may. */
function handoffBlock(one: Solo): Block | undefined {
  return statements(hearCosignatures(one)).flatMap((said) =>
    said.kind === 'proposal' ? [said.block] : [],
  )[0];
}

/** The same authority after everything in these effects was committed and the rest was lost. */
function restarted(before: Solo, effects: readonly Effect[]): Solo {
  const store = new MemoryStore();
  store.commit(writes(effects));
  const state = restore(before.network, fakeState(before.network), store.recover(), before.now);
  return new Solo({ name: before.network.name, state });
}

/** An old member that leads view 1 of epoch 2. Who that is follows from the tree, so from who joins. */
function nextLeader(): { one: Solo; effects: Effect[] } {
  for (let newcomer = 4; newcomer < 20; newcomer++) {
    const change = { add: [`a${newcomer}`] };
    const any = new Solo();
    makeFinal(any, closingBlock(any, change));
    const me = leaderOf(any.context, 1);
    if (me === 4) continue;
    const one = new Solo({ me });
    return { one, effects: makeFinal(one, closingBlock(one, change)) };
  }
  throw new Error('newcomers always lead first');
}

describe('the start of an epoch', () => {
  it('forgets what was asked and answered in the one before', () => {
    const one = new Solo();
    const peer = { budget: 1, budgetAt: 0, answered: new Set([1]), answeredAt: 0 };
    one.state = { ...one.state, asked: new Set(['block old']), peers: new Map([['a2', peer]]) };
    makeFinal(one, closingBlock(one));
    expect(one.state.era.epoch).toBe(2);
    expect([...one.state.asked]).not.toContain('block old');
    expect(one.state.peers.get('a2')?.answered.size).toBe(0);
  });

  it('lets no block of the epoch before stand as a proposal', () => {
    const one = new Solo();
    makeFinal(one, closingBlock(one));
    one.hearProposal(one.block(1, [], undefined, { epoch: 1 }));
    expect(one.state.views.get(1)?.votes.notarise.size).toBe(1);
    expect(one.state.views.get(1)?.proposal).toBeUndefined();
  });
});

describe('R7 the block that closes an epoch', () => {
  it('is the root of the next one, also when a descendant proves it, and what follows it is void', () => {
    const one = new Solo();
    const closing = closingBlock(one);
    one.hearProposal(closing);
    one.hearCertificate('notarise', 1, headerDigest(closing.header));
    const empty = one.block(2, [], closing);
    one.hearProposal(empty);
    const effects = one.hearCertificate('finalise', 2, headerDigest(empty.header));
    const finals = writes(effects).flatMap((write) => (write.kind === 'final' ? [write.final] : []));
    expect(finals).toMatchObject([{ block: closing, proof: { view: 2 }, path: [empty.header] }]);
    expect(one.state).toMatchObject({ view: 1, era: { epoch: 2 }, final: { height: 1, view: 0 } });
    expect(one.state.final.digest).toBe(headerDigest(closing.header));
    expect(one.state.views.size + one.state.blocks.size).toBe(0);
  });

  it('bears nothing but empty blocks', () => {
    const one = new Solo();
    const closing = closingBlock(one);
    one.hearProposal(closing);
    one.hearCertificate('notarise', 1, headerDigest(closing.header));
    const { header } = one.block(2, [], closing);
    const full = one.block(2, [tx]);
    expect(
      votes(one.hearProposal({ ...full, header: { ...full.header, parent: header.parent, height: 2 } })),
    ).toEqual(['nullify 2']);
  });

  it('holds the change as its last transaction, says so in its head, and announces the next set', () => {
    const one = new Solo();
    const change = fakeChange(one.network, one.state.era, { add: ['a4'] });
    const good = one.block(1, [tx, change]);
    expect(good.header.closes).toBe(true);
    expect(good.header.post.nextSetHash).not.toBe(one.context.setHash);
    expect(votes(new Solo().hearProposal({ ...good, header: { ...good.header, closes: false } }))).toEqual([
      'nullify 1',
    ]);
    expect(() => one.block(1, [change, tx])).toThrow();
  });

  it('is not voted for when a quorum does not approve the change, or too many come and go at once', () => {
    const one = new Solo();
    for (const change of [
      { add: ['a4'], approve: [0, 1] },
      { add: ['a4', 'a5'] },
      { add: ['a4'], remove: ['a1'] },
    ])
      expect(() => closingBlock(one, change)).toThrow();
  });
});

describe('R12 the epoch after it', () => {
  it('begins at view 1 with the new set, and no vote of the old epoch counts or is cast any more', () => {
    const one = new Solo();
    makeFinal(one, closingBlock(one));
    expect(one.context).toMatchObject({ epoch: 2, count: 5, me: 0 });
    for (const signer of [1, 2, 3]) {
      const vote = one.vote(signer, 'nullify', 1, undefined, 1);
      expect(votes(one.hear(signer, { kind: 'vote', vote }))).toEqual([]);
    }
    expect(one.state.views.size).toBe(0);
    one.hearVote(1, 'nullify', 1);
    expect(votes(one.hearVote(2, 'nullify', 1))).toEqual(['nullify 1']);
  });

  it('begins with the hand-off: nothing is proposed before a quorum cosigned what the old one ended with', () => {
    const { one } = nextLeader();
    expect(votes(one.happen({ kind: 'transaction', bytes: tx }))).toEqual([]);
    expect(one.state.isBusy).toBe(true);
    const block = handoffBlock(one);
    expect(block?.header).toMatchObject({ epoch: 2, view: 1, height: 2, txCount: 2 });
    expect(() => one.block(1, [tx])).toThrow();
  });

  it('is busy until the hand-off is final, and its old members cosign the old tree until then', () => {
    const { one } = nextLeader();
    const head = one.context.closings.at(-1)?.head ?? { size: 0, root: '' };
    one.happen({ kind: 'log-durable', head });
    expect(statements(one.happen({ kind: 'heartbeat' }))).toMatchObject([
      { cosignature: { epoch: 1, ...head } },
    ]);
    const block = handoffBlock(one);
    if (block === undefined) throw new Error('no hand-off');
    one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(one.state.final.height).toBe(2);
    expect(one.state.isBusy).toBe(false);
    expect(statements(one.happen({ kind: 'heartbeat' }))).toEqual([]);
    expect(statements(one.happen({ kind: 'log-durable', head: block.header.post }))).toMatchObject([
      { cosignature: { epoch: 2 } },
    ]);
  });

  it('takes a late body of the old epoch for nothing', () => {
    const one = new Solo();
    const closing = closingBlock(one);
    for (const kind of ['notarise', 'finalise'] as const)
      one.hearCertificate(kind, 1, headerDigest(closing.header));
    one.hear(1, { kind: 'block', block: closing });
    expect(one.state.era.epoch).toBe(2);
    one.hear(1, { kind: 'block', block: closing });
    expect(one.state.blocks.size).toBe(0);
  });

  it('drops what waits and counts for the old set only', () => {
    const one = new Solo();
    one.happen({ kind: 'transaction', bytes: fakeChange(one.network, one.state.era, { remove: ['a1'] }) });
    expect(one.state.pending.size).toBe(1);
    makeFinal(one, closingBlock(one));
    expect(one.state.pending.size).toBe(0);
  });
});

describe('who is not in the set', () => {
  it('follows without a vote, joins with the epoch that has it, and leaves with the one that has it no more', () => {
    const joiner = new Solo({ name: 'a4' });
    expect(joiner.context.me).toBeUndefined();
    expect(statements(makeFinal(joiner, closingBlock(joiner)))).toEqual([]);
    expect(joiner.context.me).toBe(4);
    joiner.hearVote(1, 'nullify', 1);
    expect(votes(joiner.hearVote(2, 'nullify', 1))).toEqual(['nullify 1']);
    const leaver = new Solo({ me: 3 });
    makeFinal(leaver, closingBlock(leaver, { remove: ['a3'] }));
    expect(leaver.context.me).toBeUndefined();
    for (const signer of [0, 1, 2]) expect(votes(leaver.hearVote(signer, 'nullify', 1))).toEqual([]);
    const head = leaver.context.closings.at(-1)?.head ?? { size: 0, root: '' };
    expect(statements(leaver.happen({ kind: 'log-durable', head }))).toMatchObject([
      { cosignature: { epoch: 1, signer: 3 } },
    ]);
  });

  it('asks who speaks of a later epoch for what it lacks, and catches up by runs that end with their epoch', () => {
    const ahead = new Solo();
    const store = new MemoryStore();
    const closing = closingBlock(ahead);
    store.commit(writes(makeFinal(ahead, closing)));
    const run = finalRun(store, 1);
    expect(run?.blocks).toEqual([closing]);
    const late = new Solo({ me: 2 });
    const vote = ahead.vote(1, 'nullify', 1);
    expect(sent(late.hear('a1', { kind: 'vote', vote }), 'a1')).toContainEqual({
      kind: 'fetch-final',
      from: 1,
    });
    if (run !== undefined) late.hear('a1', run);
    expect(late.state).toMatchObject({ era: { epoch: 2 }, final: { height: 1 } });
  });
});

describe('rule W over epochs', () => {
  it('a restart between the closing block and the hand-off goes on in the new epoch, with nothing of the old one', () => {
    const { one, effects } = nextLeader();
    const again = restarted(one, effects);
    again.happen({ kind: 'start' });
    expect(again.state).toMatchObject({
      view: 1,
      isBusy: true,
      era: { epoch: 2 },
      final: { height: 1, view: 0 },
    });
    expect(again.state.era).toEqual(one.state.era);
    expect(again.state.final.ledger.log.epoch).toEqual(one.state.final.ledger.log.epoch);
    expect(handoffBlock(again)).toBeDefined();
  });

  it('a restart after a vote in the new epoch contradicts nothing', () => {
    const { one, effects } = nextLeader();
    const said = hearCosignatures(one);
    const again = restarted(one, [...effects, ...said]);
    const [statement] = statements(said);
    expect(sent(again.happen({ kind: 'start' }))).toContainEqual(statement);
    again.happen({ kind: 'transaction', bytes: tx });
    expect(votes(again.happen({ kind: 'tick' }))).toEqual([]);
    expect(again.state.halted).toBeUndefined();
  });

  it('forgotten votes bar the key they were made with: a new one votes again, the old one never', () => {
    for (const [rotate, isBarred] of [
      [true, false],
      [false, true],
    ] as const) {
      const one = new Solo();
      one.hearVote(0, 'nullify', 3);
      expect(one.state.halted?.reason).toContain('does not remember');
      makeFinal(one, closingBlock(one, { add: ['a4'], rotate }));
      expect(one.state.halted !== undefined).toBe(isBarred);
      one.hearVote(1, 'nullify', 1);
      expect(votes(one.hearVote(2, 'nullify', 1))).toEqual(isBarred ? [] : ['nullify 1']);
    }
  });
});

describe('R14 suspension', () => {
  it('a contradiction becomes a record in the log, and its author leaves with the next change', () => {
    const one = new Solo({ me: 1 });
    one.hearVote(3, 'notarise', 2, 'aa'.repeat(32));
    const effects = one.hearVote(3, 'notarise', 2, 'bb'.repeat(32));
    const [proposal] = statements(effects).flatMap((said) => (said.kind === 'proposal' ? [said.block] : []));
    if (proposal === undefined) throw new Error('no report');
    one.hearCertificate('finalise', 1, headerDigest(proposal.header));
    expect(one.state.final.ledger.log.epoch.suspended).toEqual(['a3']);
    const change = fakeChange(one.network, one.state.era, { add: ['a4'] });
    const closing = one.block(2, [change]);
    makeFinal(one, closing);
    expect(one.context.names).toEqual(['a0', 'a1', 'a2', 'a4']);
  });
});
