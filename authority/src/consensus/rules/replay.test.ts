import { describe, expect, it } from 'vitest';
import { headerDigest } from '../block.ts';
import { MemoryStore } from '../memory-store.ts';
import { fakeState, fakeTransaction } from '../testing/fake-network.ts';
import { sent, Solo, statements, votes, writes } from '../testing/solo.ts';
import type { Effect } from '../events.ts';
import { restore } from './replay.ts';

const tx = fakeTransaction('pkg:npm/a@1.0.0');

/** The same authority after a crash: everything in these effects was committed, nothing else is left. */
function restarted(before: Solo, effects: readonly Effect[]): { one: Solo; effects: Effect[] } {
  const store = new MemoryStore();
  store.commit(writes(effects));
  const { network } = before;
  const { name, count } = before.context;
  const state = restore(network, fakeState(network), store.recover(), before.now);
  const one = new Solo({ name, count, state });
  one.now = before.now;
  return { one, effects: one.happen({ kind: 'start' }) };
}

describe('R11 restart', () => {
  it('says again what was said, the own proposal with its body, and contradicts nothing', () => {
    const leader = new Solo({ me: 1 });
    const before = leader.happen({ kind: 'transaction', bytes: tx });
    const { one, effects } = restarted(leader, before);
    expect(sent(effects)).toContainEqual(statements(before)[0]);
    one.happen({ kind: 'transaction', bytes: fakeTransaction('pkg:npm/b@1.0.0') });
    expect(votes(one.happen({ kind: 'tick' }))).toEqual([]);
    expect(one.state.halted).toBeUndefined();
  });

  it('does not notarise another block in a view it voted in, nor finalise one it nullified', () => {
    const voter = new Solo();
    const block = voter.block(1, [tx]);
    const { one } = restarted(voter, voter.hearProposal(block));
    expect(votes(one.hearProposal(one.block(1, [fakeTransaction('pkg:npm/b@1.0.0')])))).toEqual([]);

    const nullifier = new Solo();
    nullifier.happen({ kind: 'transaction', bytes: tx });
    const { one: other } = restarted(nullifier, nullifier.happen({ kind: 'timer', timer: 'view', view: 1 }));
    other.hearProposal(block);
    expect(votes(other.hearCertificate('notarise', 1, headerDigest(block.header)))).toEqual([]);
  });

  it('goes on from the certificates its votes rest on, and looks at every rule anew', () => {
    const voter = new Solo();
    const block = voter.block(1, [tx]);
    const digest = headerDigest(block.header);
    const before = [...voter.hearProposal(block), ...voter.hearCertificate('notarise', 1, digest)];
    const { one, effects } = restarted(voter, before);
    expect(one.state.view).toBe(2);
    expect(sent(effects).map((message) => message.kind)).toEqual(['tip', 'vote', 'vote', 'certificate']);
    expect(one.state.isBusy).toBe(true);
    one.hearVote(1, 'finalise', 1, digest);
    one.hearVote(2, 'finalise', 1, digest);
    expect(one.state.final.height).toBe(1);
  });

  it('is in the view it last voted in', () => {
    const voter = new Solo();
    voter.hearCertificate('nullify', 4);
    voter.happen({ kind: 'transaction', bytes: tx });
    const { one } = restarted(voter, voter.happen({ kind: 'timer', timer: 'view', view: 5 }));
    expect(one.state.view).toBe(5);
    expect(one.state.views.get(4)?.certificates.nullify).toBeDefined();
  });

  it('continues the log where it was final', () => {
    const voter = new Solo();
    const block = voter.block(1, [tx]);
    const before = [
      ...voter.hearProposal(block),
      ...voter.hearCertificate('finalise', 1, headerDigest(block.header)),
      ...voter.happen({ kind: 'log-durable', head: block.header.post }),
    ];
    const { one } = restarted(voter, before);
    expect(one.state.final).toMatchObject({
      height: 1,
      view: 1,
      ledger: { size: 4, root: block.header.post.root },
    });
    expect(one.state.view).toBe(2);
    expect(votes(one.hearProposal(one.block(2, [fakeTransaction('pkg:npm/b@1.0.0')])))).toEqual([
      'notarise 2',
    ]);
    const again = one.happen({ kind: 'log-durable', head: block.header.post });
    expect(statements(again)).toMatchObject([{ kind: 'cosignature', cosignature: { size: 4 } }]);
    expect(writes(again)).toEqual([]);
  });

  it('does not vote again once it stopped for good', () => {
    const forgetful = new Solo();
    const { one } = restarted(forgetful, forgetful.hearVote(0, 'nullify', 3));
    expect(one.state.halted?.reason).toContain('does not remember');
    expect(votes(one.hearProposal(one.block(1, [tx])))).toEqual([]);
  });
});
