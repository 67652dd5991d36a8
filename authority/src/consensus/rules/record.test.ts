import { describe, expect, it } from 'vitest';
import { headerDigest } from '../block.ts';
import { fakeChange } from '../testing/fake-change.ts';
import { fakeTransaction } from '../testing/fake-network.ts';
import { sent, Solo, writes } from '../testing/solo.ts';

const a = 'aa'.repeat(32);
const b = 'bb'.repeat(32);

function evidenceNames(one: Solo): string[] {
  return [...one.state.evidence.keys()];
}

describe('R14 evidence', () => {
  it('is kept of two votes to notarise in one view, told to the others once, and only the first vote counts', () => {
    const one = new Solo();
    one.hearVote(3, 'notarise', 1, a);
    const effects = one.hearVote(3, 'notarise', 1, b);
    expect(evidenceNames(one)).toEqual(['a3/epoch 1/view 1/two-notarise']);
    expect(writes(effects)).toMatchObject([
      { kind: 'evidence', evidence: { first: { digest: a }, second: { digest: b } } },
    ]);
    expect(sent(effects).map((message) => message.kind)).toEqual(['evidence', 'transaction']);
    expect(sent(one.hearVote(3, 'notarise', 1, 'cc'.repeat(32)))).toEqual([]);
    expect(one.state.views.get(1)?.votes.notarise.get(3)?.digest).toBe(a);
  });

  it('is kept of nullifying and finalising one view, and of finalising twice', () => {
    const one = new Solo();
    one.hearVote(3, 'nullify', 1);
    one.hearVote(3, 'finalise', 1, a);
    one.hearVote(2, 'finalise', 2, a);
    one.hearVote(2, 'finalise', 2, b);
    expect(evidenceNames(one)).toEqual([
      'a3/epoch 1/view 1/nullify-and-finalise',
      'a2/epoch 1/view 2/two-finalise',
    ]);
  });

  it('is not seen in what an honest authority does: notarise, then nullify, or finalise', () => {
    const one = new Solo();
    one.hearVote(3, 'notarise', 1, a);
    one.hearVote(3, 'nullify', 1);
    one.hearVote(2, 'notarise', 1, a);
    one.hearVote(2, 'finalise', 1, a);
    expect(evidenceNames(one)).toEqual([]);
  });

  it('is kept of a new misdeed in the next epoch, however much there was in the one before', () => {
    const one = new Solo({ count: 5 });
    for (let view = 2; view < 12; view++) {
      one.hearVote(4, 'nullify', view);
      one.hearVote(4, 'finalise', view, a);
    }
    expect(evidenceNames(one)).toHaveLength(8);
    const reports = [...one.state.pending.values()].map(({ bytes }) => bytes);
    const renewal = fakeChange(one.network, one.state.era, { add: ['a4'], approve: [0, 1, 2, 3] });
    const block = one.block(1, [...reports, renewal]);
    one.hearProposal(block);
    one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(one.state.era.epoch).toBe(2);
    const again = one.state.era.names.indexOf('a4');
    one.hearVote(again, 'nullify', 5);
    one.hearVote(again, 'finalise', 5, b);
    expect(evidenceNames(one)).toContain('a4/epoch 2/view 5/nullify-and-finalise');
  });

  it('is reported with the next tick when too much was waiting before', () => {
    const one = new Solo();
    const crowd = Array.from({ length: 1024 }, (_, at) => fakeTransaction(`pkg:npm/p${at}@1.0.0`));
    for (const bytes of crowd) one.happen({ kind: 'transaction', bytes });
    one.hearVote(3, 'notarise', 1, a);
    one.hearVote(3, 'notarise', 1, b);
    expect(one.state.pending.has('equivocation a3')).toBe(false);
    one.state = { ...one.state, pending: new Map([...one.state.pending].slice(1)) };
    one.happen({ kind: 'tick' });
    expect(one.state.pending.has('equivocation a3')).toBe(true);
  });

  it('is kept of two roots cosigned for one size', () => {
    const one = new Solo();
    one.hear(2, { kind: 'cosignature', cosignature: one.cosignature(2, { size: 4, root: a }, 2000) });
    one.hear(2, { kind: 'cosignature', cosignature: one.cosignature(2, { size: 4, root: b }, 2001) });
    expect(evidenceNames(one)).toEqual(['a2/epoch 1/size 4/two-cosignatures']);
  });

  it('is taken from others only when both signatures hold and contradict each other', () => {
    const one = new Solo();
    const first = one.vote(3, 'notarise', 1, a);
    const second = one.vote(3, 'notarise', 1, b);
    one.hear(1, { kind: 'evidence', evidence: { kind: 'votes', first, second: { ...second, view: 2 } } });
    one.hear(1, {
      kind: 'evidence',
      evidence: { kind: 'votes', first, second: { ...second, signature: first.signature } },
    });
    one.hear(1, { kind: 'evidence', evidence: { kind: 'votes', first, second: first } });
    expect(evidenceNames(one)).toEqual([]);
    one.hear(1, { kind: 'evidence', evidence: { kind: 'votes', first, second } });
    expect(evidenceNames(one)).toEqual(['a3/epoch 1/view 1/two-notarise']);
  });

  it('against itself ends its voting: another life of it spoke, which it does not remember', () => {
    const one = new Solo();
    const [first, second] = [one.vote(0, 'notarise', 1, a), one.vote(0, 'notarise', 1, b)];
    const effects = one.hear(1, { kind: 'evidence', evidence: { kind: 'votes', first, second } });
    expect(one.state.halted?.reason).toContain('contradict');
    expect(writes(effects).map(({ kind }) => kind)).toEqual(['evidence', 'amnesia']);
  });

  it('is kept in a bounded number per authority', () => {
    const one = new Solo();
    for (let view = 1; view < 40; view++) {
      one.hearVote(3, 'notarise', view, a);
      one.hearVote(3, 'notarise', view, b);
    }
    expect(evidenceNames(one)).toHaveLength(8);
  });
});

describe('votes and certificates', () => {
  it('count only when signed by whom they name, once each', () => {
    const one = new Solo();
    const vote = one.vote(2, 'nullify', 1);
    one.hear(3, { kind: 'vote', vote: { ...vote, signer: 3 } });
    one.hear(2, { kind: 'vote', vote: { ...vote, epoch: 2 } });
    expect(one.state.views.size).toBe(0);
    for (let copies = 0; copies < 3; copies++) one.hear(3, { kind: 'vote', vote });
    expect(one.state.view).toBe(1);
  });

  it('of another epoch count for nothing, however well they are signed', () => {
    const one = new Solo();
    one.hear(2, { kind: 'vote', vote: one.vote(2, 'nullify', 1, undefined, 2) });
    const certificate = one.certificate('nullify', 1, undefined, undefined, 2);
    one.hear(2, { kind: 'certificate', certificate });
    one.hear(2, {
      kind: 'tip',
      epoch: 1,
      height: 9,
      view: 9,
      proof: one.certificate('finalise', 8, a, undefined, 2),
    });
    expect(one.state.views.size).toBe(0);
    expect(one.state.view).toBe(1);
  });

  it('need a quorum of different signers, all good', () => {
    const one = new Solo();
    const good = one.certificate('nullify', 1);
    const [first, second] = good.signatures;
    if (first === undefined || second === undefined) throw new Error('three signatures');
    for (const certificate of [
      { ...good, signers: [1, 2], signatures: [first, second] },
      { ...good, signers: [1, 1, 2], signatures: [first, first, second] },
      { ...good, signatures: [first, second, first] },
      { ...good, view: 2 },
      { ...good, epoch: 2 },
    ]) {
      one.hear(1, { kind: 'certificate', certificate });
      expect(one.state.view).toBe(1);
    }
    one.hear(1, { kind: 'certificate', certificate: good });
    expect(one.state.view).toBe(2);
  });
});

describe('waiting transactions', () => {
  const purl = 'pkg:npm/a@1.0.0';
  const waiting = (one: Solo) => one.state.pending.get(purl)?.bytes;

  it('are one per package version: more attestations win, then the smaller hash, whatever the order', () => {
    const few = [fakeTransaction(purl), fakeTransaction(purl, { nonce: 1 })];
    const many = [
      fakeTransaction(purl, { attestations: 4 }),
      fakeTransaction(purl, { attestations: 4, nonce: 1 }),
    ];
    const outcomes = [
      [...few, ...many],
      [...many, ...few],
      [many[1], few[0], many[0]],
    ].map((order) => {
      const one = new Solo();
      for (const bytes of order) if (bytes !== undefined) one.happen({ kind: 'transaction', bytes });
      return waiting(one);
    });
    expect(new Set(outcomes.map((bytes) => String(bytes)))).toHaveLength(1);
    expect(many).toContainEqual(outcomes[0]);
  });

  it('are passed on when new, and not again', () => {
    const one = new Solo();
    const bytes = fakeTransaction(purl);
    expect(sent(one.hear(2, { kind: 'transaction', bytes }))).toEqual([{ kind: 'transaction', bytes }]);
    expect(sent(one.hear(3, { kind: 'transaction', bytes }))).toEqual([]);
  });

  it('are dropped when invalid, when in the log, and above the limit', () => {
    const one = new Solo();
    one.hear(2, { kind: 'transaction', bytes: new Uint8Array(3) });
    expect(one.state.pending.size).toBe(0);
    const block = one.block(1, [fakeTransaction(purl)]);
    one.hear(2, { kind: 'transaction', bytes: fakeTransaction(purl, { nonce: 5 }) });
    one.hearProposal(block);
    one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(one.state.pending.size).toBe(0);
    one.hear(2, { kind: 'transaction', bytes: fakeTransaction(purl) });
    expect(one.state.pending.size).toBe(0);
    for (let n = 0; n < 1100; n++)
      one.hear(2, { kind: 'transaction', bytes: fakeTransaction(`pkg:npm/b@${n}.0.0`) });
    expect(one.state.pending.size).toBe(1024);
  });
});
