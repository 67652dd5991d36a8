import { describe, expect, it } from 'vitest';
import { headerDigest } from '../block.ts';
import { fakeTransaction } from '../testing/fake-network.ts';
import { sent, Solo, statements, votes, writes } from '../testing/solo.ts';

const tx = fakeTransaction('pkg:npm/a@1.0.0');
const other = fakeTransaction('pkg:npm/b@1.0.0');

/** Authority 0 of 4; the leader of view w is authority w mod 4. */
function solo(): Solo {
  return new Solo();
}

describe('R1 entering views', () => {
  it('goes on by a nullification of this or a later view', () => {
    const one = solo();
    one.hearCertificate('nullify', 1);
    expect(one.state.view).toBe(2);
    one.hearCertificate('nullify', 7);
    expect(one.state.view).toBe(8);
    one.hearCertificate('nullify', 5);
    expect(one.state.view).toBe(8);
  });

  it('goes on by a notarisation only once the body is here', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    const effects = one.hearCertificate('notarise', 1, headerDigest(block.header));
    expect(one.state.view).toBe(1);
    expect(sent(effects, 1)).toEqual([{ kind: 'fetch-block', digest: headerDigest(block.header) }]);
    one.hear(1, { kind: 'block', block });
    expect(one.state.view).toBe(2);
  });

  it('doubles its patience with every view that brings nothing, up to 64 times', () => {
    const one = solo();
    one.happen({ kind: 'transaction', bytes: tx });
    const waits: number[] = [];
    for (let view = 1; view <= 9; view++) {
      for (const effect of one.hearCertificate('nullify', view)) {
        if (effect.kind === 'set-timer' && effect.timer === 'view')
          waits.push(effect.after / (3 * one.context.delta));
      }
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 64, 64, 64]);
  });
});

describe('R2 proposing', () => {
  it('the leader proposes what waits as soon as it comes, once, with the body durable first', () => {
    const one = new Solo({ me: 1 });
    one.isDiskFast = false;
    const effects = one.happen({ kind: 'transaction', bytes: tx });
    expect(statements(effects)).toMatchObject([{ kind: 'proposal', block: { transactions: [tx] } }]);
    expect(sent(effects).map((message) => message.kind)).toEqual(['transaction']);
    expect(writes(effects).map((write) => write.kind)).toEqual(['block', 'vote']);
    expect(votes(one.happen({ kind: 'transaction', bytes: other }))).toEqual([]);
    expect(votes(one.happen({ kind: 'tick' }))).toEqual([]);
  });

  it('says nothing while nothing waits', () => {
    const one = new Solo({ me: 1 });
    expect(votes(one.happen({ kind: 'tick' }))).toEqual([]);
  });

  it('builds on the notarised block of the highest view, over nullified ones', () => {
    const one = new Solo({ me: 3 });
    const first = one.block(1, [tx]);
    one.hearProposal(first);
    one.hearCertificate('notarise', 1, headerDigest(first.header));
    one.happen({ kind: 'transaction', bytes: other });
    const [proposal] = statements(one.hearCertificate('nullify', 2));
    expect(proposal).toMatchObject({
      kind: 'proposal',
      block: { header: { view: 3, height: 2, parent: headerDigest(first.header) }, transactions: [other] },
    });
  });

  it('does not propose over a view whose end it does not know, and asks for it', () => {
    const one = new Solo({ me: 3 });
    one.happen({ kind: 'transaction', bytes: tx });
    const effects = one.hearCertificate('nullify', 2);
    expect(votes(effects)).toEqual([]);
    expect(sent(effects, 1)).toEqual([{ kind: 'fetch-certificates', from: 1, to: 2 }]);
    expect(votes(one.hearCertificate('nullify', 1))).toEqual(['notarise 3']);
  });

  it('proposes an empty block on an open one only after a wait, never on a final one', () => {
    const one = new Solo({ me: 2 });
    const first = one.block(1, [tx]);
    one.hearProposal(first);
    const effects = one.hearCertificate('notarise', 1, headerDigest(first.header));
    expect(votes(effects)).toEqual(['finalise 1']);
    expect(effects).toContainEqual({
      kind: 'set-timer',
      timer: 'empty',
      view: 2,
      after: 2 * one.context.delta,
    });
    const empty = statements(one.happen({ kind: 'timer', timer: 'empty', view: 2 }));
    expect(empty).toMatchObject([
      { kind: 'proposal', block: { transactions: [], header: { height: 2, post: first.header.post } } },
    ]);

    const idle = new Solo({ me: 2 });
    idle.hearProposal(first);
    idle.hearCertificate('notarise', 1, headerDigest(first.header));
    idle.hearCertificate('finalise', 1, headerDigest(first.header));
    expect(votes(idle.happen({ kind: 'timer', timer: 'empty', view: 2 }))).toEqual([]);
  });
});

describe('R3 notarising', () => {
  it('votes for the first valid proposal of the leader, with the body durable', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    const effects = one.hearProposal(block);
    expect(votes(effects)).toEqual(['notarise 1']);
    expect(writes(effects).map((write) => write.kind)).toEqual(['block', 'vote']);
    expect(votes(one.hearProposal(one.block(1, [other])))).toEqual([]);
  });

  it('does not listen to who is not the leader', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    const vote = one.vote(2, 'notarise', 1, headerDigest(block.header));
    expect(votes(one.hear(2, { kind: 'proposal', block, vote }))).toEqual([]);
  });

  it('does not notarise after it nullified', () => {
    const one = solo();
    one.happen({ kind: 'transaction', bytes: tx });
    one.happen({ kind: 'timer', timer: 'view', view: 1 });
    expect(votes(one.hearProposal(one.block(1, [tx])))).toEqual([]);
  });

  it('waits for the certificates of skipped views, asks the leader for them, and makes them durable with the vote', () => {
    const one = solo();
    const block = one.block(3, [tx]);
    one.hearCertificate('nullify', 2);
    const effects = one.hearProposal(block);
    expect(votes(effects)).toEqual([]);
    expect(sent(effects, 3)).toEqual([{ kind: 'fetch-certificates', from: 1, to: 2 }]);
    const voted = one.hearCertificate('nullify', 1);
    expect(votes(voted)).toEqual(['notarise 3']);
    expect(writes(voted)).toMatchObject([
      { kind: 'certificate', certificate: { kind: 'nullify', view: 1 } },
      { kind: 'certificate', certificate: { kind: 'nullify', view: 2 } },
      { kind: 'block' },
      { kind: 'vote' },
    ]);
  });

  it('does not vote on a parent that is not notarised', () => {
    const one = solo();
    const first = one.block(1, [tx]);
    one.hearProposal(first);
    one.hearCertificate('nullify', 1);
    expect(votes(one.hearProposal(one.block(2, [other], first)))).toEqual([]);
    expect(votes(one.hearCertificate('notarise', 1, headerDigest(first.header)))).toContain('notarise 2');
  });

  it.each([
    [
      'a wrong state of the log',
      { post: { size: 5, root: '33'.repeat(32), mapRoot: '0'.repeat(64), nextSetHash: '22'.repeat(32) } },
    ],
    ['another network', { chain: '44'.repeat(32) }],
    ['another epoch', { epoch: 2 }],
    ['a height out of order', { height: 3 }],
    ['a time before its parent', { time: 999 }],
    ['a time far ahead', { time: 2_000 + 11 }],
    ['the end of the epoch', { closes: true }],
  ])('nullifies at once for %s', (_, changes) => {
    const one = solo();
    const first = one.block(1, [tx]);
    one.hearProposal(first);
    one.hearCertificate('notarise', 1, headerDigest(first.header));
    one.hearCertificate('finalise', 1, headerDigest(first.header));
    expect(votes(one.hearProposal(one.block(2, [other], undefined, changes)))).toEqual(['nullify 2']);
  });

  it('nullifies at once for a transaction that is in the log already', () => {
    const one = solo();
    const first = one.block(1, [tx]);
    one.hearProposal(first);
    one.hearCertificate('finalise', 1, headerDigest(first.header));
    const again = one.block(2, [other]);
    expect(votes(one.hearProposal({ header: again.header, transactions: [tx] }))).toEqual(['nullify 2']);
  });

  it('nullifies at once for an empty block on a final one', () => {
    const one = solo();
    expect(votes(one.hearProposal(one.block(1, [])))).toEqual(['nullify 1']);
  });
});

describe('R4 finalising', () => {
  it('votes to finalise with the certificate and the body durable, and enters the next view', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    one.hearProposal(block);
    const digest = headerDigest(block.header);
    one.hearVote(1, 'notarise', 1, digest);
    const effects = one.hearVote(2, 'notarise', 1, digest);
    expect(votes(effects)).toEqual(['finalise 1']);
    expect(writes(effects).map((write) => write.kind)).toEqual(['certificate', 'block', 'vote']);
    expect(sent(effects)).toContainEqual(expect.objectContaining({ kind: 'certificate' }));
    expect(one.state.view).toBe(2);
  });

  it('does not vote to finalise a view it nullified, but goes on from it', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    one.happen({ kind: 'transaction', bytes: tx });
    one.happen({ kind: 'timer', timer: 'view', view: 1 });
    one.hearProposal(block);
    expect(votes(one.hearCertificate('notarise', 1, headerDigest(block.header)))).toEqual([]);
    expect(one.state.view).toBe(2);
  });

  it('votes to finalise an earlier view whose certificate comes late', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    one.hearProposal(block);
    one.hearCertificate('nullify', 1);
    expect(votes(one.hearCertificate('notarise', 1, headerDigest(block.header)))).toEqual(['finalise 1']);
  });
});

describe('R5 nullifying', () => {
  it('gives a view up when patience is over, not before and not when idle', () => {
    const one = solo();
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 1 }))).toEqual([]);
    one.happen({ kind: 'transaction', bytes: tx });
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 2 }))).toEqual([]);
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 1 }))).toEqual(['nullify 1']);
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 1 }))).toEqual([]);
  });

  it('joins its leader, or more than f others, but not f', () => {
    const led = solo();
    expect(votes(led.hearVote(1, 'nullify', 1))).toEqual(['nullify 1']);
    const one = solo();
    expect(votes(one.hearVote(2, 'nullify', 1))).toEqual([]);
    expect(votes(one.hearVote(3, 'nullify', 1))).toEqual(['nullify 1']);
  });

  it('never nullifies a view it voted to finalise', () => {
    const one = solo();
    const block = one.block(1, [tx]);
    one.hearProposal(block);
    one.hearCertificate('notarise', 1, headerDigest(block.header));
    for (const signer of [1, 2, 3]) expect(votes(one.hearVote(signer, 'nullify', 1))).toEqual([]);
  });
});

describe('rule W', () => {
  it('lets no vote leave, and does not count it, before it is durable', () => {
    const one = solo();
    one.isDiskFast = false;
    const effects = one.hearProposal(one.block(1, [tx]));
    expect(sent(effects)).toEqual([]);
    expect(one.state.views.get(1)?.votes.notarise.has(0)).toBe(false);
    const later = one.happen({ kind: 'persisted', release: statements(effects) });
    expect(sent(later)).toMatchObject([{ kind: 'vote', vote: { kind: 'notarise', signer: 0 } }]);
    expect(one.state.views.get(1)?.votes.notarise.has(0)).toBe(true);
  });

  it('stops voting for good when it sees an own vote it does not remember', () => {
    const one = solo();
    const effects = one.hearVote(0, 'nullify', 3);
    expect(one.state.halted?.reason).toContain('does not remember');
    expect(writes(effects)).toMatchObject([{ kind: 'amnesia' }]);
    expect(votes(one.hearProposal(one.block(1, [tx])))).toEqual([]);
    const other = solo();
    other.hearCertificate('nullify', 1, undefined, [0, 1, 2]);
    expect(other.state.halted).toBeDefined();
  });

  it('stops voting when its database fails', () => {
    const one = solo();
    one.happen({ kind: 'storage-failed', reason: 'disk full' });
    const block = one.block(1, [tx]);
    expect(votes(one.hearProposal(block))).toEqual([]);
    expect(votes(one.hearCertificate('notarise', 1, headerDigest(block.header)))).toEqual([]);
    expect(one.state.view).toBe(2);
    expect(votes(one.hearVote(2, 'nullify', 2))).toEqual([]);
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 2 }))).toEqual([]);
  });
});
