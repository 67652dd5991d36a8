import { describe, expect, it } from 'vitest';
import { headerDigest, type Block } from '../block.ts';
import type { Effect } from '../events.ts';
import type { Message } from '../messages.ts';
import { fakeTransaction } from '../testing/fake-network.ts';
import { sent, Solo, votes, writes } from '../testing/solo.ts';

/** Authority 0 with `count` final blocks, made in views 1, 2, … */
function withFinals(count: number): { one: Solo; blocks: Block[] } {
  const one = new Solo();
  const blocks = Array.from({ length: count }, (_, at) => makeFinal(one, at + 1));
  return { one, blocks };
}

function makeFinal(one: Solo, view: number): Block {
  const block = one.block(view, [fakeTransaction(`pkg:npm/p@${view}.0.0`)]);
  one.hearProposal(block);
  one.hearCertificate('notarise', view, headerDigest(block.header));
  one.hearCertificate('finalise', view, headerDigest(block.header));
  return block;
}

function finalHeights(effects: readonly Effect[]): number[] {
  return writes(effects).flatMap((write) =>
    write.kind === 'final' ? [write.final.block.header.height] : [],
  );
}

describe('R7 finality', () => {
  it('makes a block and all before it final with the certificate of the last one', () => {
    const one = new Solo();
    const first = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]);
    one.hearProposal(first);
    one.hearCertificate('notarise', 1, headerDigest(first.header));
    const second = one.block(2, [fakeTransaction('pkg:npm/b@1.0.0')], first);
    one.hearProposal(second);
    one.hearCertificate('notarise', 2, headerDigest(second.header));
    expect(finalHeights(one.hearCertificate('finalise', 2, headerDigest(second.header)))).toEqual([1, 2]);
    expect(one.state.final).toMatchObject({ height: 2, view: 2, ledger: { size: 6 } });
    expect(one.state.views.size).toBe(0);
    expect(one.state.blocks.size).toBe(0);
    expect(one.state.view).toBe(3);
    expect(one.state.isBusy).toBe(false);
  });

  it('fetches a body that is missing at finality, as final blocks, from one who signed', () => {
    const one = new Solo();
    const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]);
    const proof = one.certificate('finalise', 1, headerDigest(block.header));
    const effects = one.hear(2, { kind: 'certificate', certificate: proof });
    expect(sent(effects, 2)).toEqual([{ kind: 'fetch-final', from: 1 }]);
    expect(finalHeights(one.hear(2, { kind: 'final', blocks: [block], path: [], proof }))).toEqual([1]);
  });

  it('stops voting when a proven block is not valid here', () => {
    const one = new Solo();
    const post = { size: 9, root: '33'.repeat(32), mapRoot: '0'.repeat(64), nextSetHash: '22'.repeat(32) };
    const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')], undefined, { post });
    one.hearProposal(block);
    one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(one.state.halted?.reason).toContain('not valid here');
    expect(one.state.final.height).toBe(0);
  });
});

describe('R9 ticks', () => {
  it('say only the tip while idle', () => {
    const { one } = withFinals(1);
    expect(sent(one.happen({ kind: 'tick' })).map((message) => message.kind)).toEqual(['tip']);
  });

  it('repeat own votes, certificates and waiting transactions while busy', () => {
    const one = new Solo();
    const tx = fakeTransaction('pkg:npm/a@1.0.0');
    const block = one.block(1, [tx]);
    one.happen({ kind: 'transaction', bytes: tx });
    one.hearProposal(block);
    one.hearCertificate('notarise', 1, headerDigest(block.header));
    const said = sent(one.happen({ kind: 'tick' }));
    expect(said.map((message) => (message.kind === 'vote' ? message.vote.kind : message.kind))).toEqual([
      'tip',
      'notarise',
      'finalise',
      'certificate',
      'transaction',
    ]);
  });

  it('repeat the own proposal with its body', () => {
    const one = new Solo({ me: 1 });
    one.happen({ kind: 'transaction', bytes: fakeTransaction('pkg:npm/a@1.0.0') });
    expect(sent(one.happen({ kind: 'tick' })).map((message) => message.kind)).toContain('proposal');
  });

  it('ask again for what is missing, of another peer', () => {
    const one = new Solo();
    const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]);
    const want: Message = { kind: 'fetch-block', digest: headerDigest(block.header) };
    const asked = [one.hearCertificate('notarise', 1, headerDigest(block.header))];
    expect(sent(one.hearVote(1, 'notarise', 1, headerDigest(block.header)), 1)).toEqual([]);
    for (let ticks = 0; ticks < 3; ticks++) asked.push(one.happen({ kind: 'tick' }));
    const peers = asked.map((effects) => [1, 2, 3].filter((peer) => sent(effects, peer).length > 0));
    expect(sent(asked[0] ?? [], 1)).toEqual([want]);
    expect(new Set(peers.flat())).toEqual(new Set([1, 2, 3]));
  });
});

describe('R10 catching up', () => {
  it('answers a vote for a final view with the tip, but not a late one in the normal course, and not twice', () => {
    const { one } = withFinals(2);
    const late: Message = { kind: 'vote', vote: one.vote(3, 'notarise', 1, '55'.repeat(32)) };
    expect(sent(one.hear(3, late), 3)).toEqual([]);
    one.now += 1000;
    expect(sent(one.hear(3, late), 3)).toMatchObject([
      { kind: 'tip', epoch: 1, height: 2, proof: { view: 2 } },
    ]);
    expect(sent(one.hear(3, late), 3)).toEqual([]);
  });

  it('answers a vote for a view it left with how the view ended', () => {
    const one = new Solo();
    one.hearCertificate('nullify', 1);
    one.now += 1000;
    expect(sent(one.hearVote(3, 'notarise', 1, '55'.repeat(32)), 3)).toMatchObject([
      { kind: 'certificate', certificate: { kind: 'nullify', view: 1 } },
    ]);
  });

  it('answers a lower tip with its own, an equal one in a lower view with certificates, and a level one not at all', () => {
    const { one } = withFinals(2);
    expect(sent(one.hear(3, { kind: 'tip', epoch: 1, height: 1, view: 2 }), 3)).toMatchObject([
      { kind: 'tip', epoch: 1, height: 2 },
    ]);
    expect(sent(one.hear(2, { kind: 'tip', epoch: 1, height: 2, view: 3 }), 2)).toEqual([]);
    one.hearCertificate('nullify', 3);
    expect(sent(one.hear(2, { kind: 'tip', epoch: 1, height: 2, view: 3 }), 2)).toMatchObject([
      { kind: 'certificate', certificate: { kind: 'nullify', view: 3 } },
    ]);
  });

  it('does not believe a tip without proof', () => {
    const one = new Solo();
    const effects = one.hear(3, { kind: 'tip', epoch: 1, height: 1_000_000, view: 9 });
    expect(effects).toEqual([]);
    expect(one.state.isBusy).toBe(false);
  });

  it('serves final blocks, bodies and certificates, within a budget', () => {
    const { one } = withFinals(3);
    expect(one.hear(2, { kind: 'fetch-final', from: 2 })).toContainEqual({
      kind: 'serve-final',
      to: 'a2',
      from: 2,
    });
    expect(one.hear(2, { kind: 'fetch-final', from: 4 })).toEqual([]);
    const block = one.block(4, [fakeTransaction('pkg:npm/z@1.0.0')]);
    one.hearProposal(block);
    const fetch: Message = { kind: 'fetch-block', digest: headerDigest(block.header) };
    expect(sent(one.hear(2, fetch), 2)).toEqual([{ kind: 'block', block }]);
    let answers = 0;
    for (let asked = 0; asked < 200; asked++) answers += sent(one.hear(3, fetch), 3).length;
    expect(answers).toBeLessThan(90);
    expect(sent(one.hear(2, fetch), 2)).toHaveLength(1);
  });

  it('reads no more out of its database for one peer than a laggard can use', () => {
    const { one } = withFinals(3);
    let reads = 0;
    for (let asked = 0; asked < 200; asked++) {
      const effects = one.hear(3, { kind: 'fetch-final', from: 1 });
      reads += effects.filter((effect) => effect.kind === 'serve-final').length;
    }
    expect(reads).toBeGreaterThan(1);
    expect(reads).toBeLessThan(8);
  });

  it('goes on answering when the clock was set back', () => {
    const { one } = withFinals(3);
    const fetch: Message = { kind: 'fetch-block', digest: '77'.repeat(32) };
    const answers = () => sent(one.hear(3, fetch), 3).length;
    for (let asked = 0; asked < 200; asked++) answers();
    one.now -= 3_600_000;
    answers();
    one.now += 1_000;
    expect(answers()).toBe(1);
    const vote = () => one.hear(2, { kind: 'vote', vote: one.vote(2, 'nullify', 1) });
    expect(sent(vote(), 2)).toHaveLength(1);
  });

  it('takes final blocks over a path of headers, and nothing that is not proven, linked or asked for', () => {
    const { one: ahead, blocks } = withFinals(3);
    const [first, second, third] = blocks;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three blocks');
    const proof = ahead.certificate('finalise', 3, headerDigest(third.header));
    const whole: Message = { kind: 'final', blocks: [first], path: [second.header, third.header], proof };
    const one = new Solo();
    expect(finalHeights(one.hear(1, whole))).toEqual([]);
    one.hear(1, { kind: 'certificate', certificate: proof });
    expect(finalHeights(one.hear(1, { ...whole, path: [third.header] }))).toEqual([]);
    expect(finalHeights(one.hear(1, { ...whole, blocks: [second] }))).toEqual([]);
    const short = { ...proof, signers: proof.signers.slice(1), signatures: proof.signatures.slice(1) };
    expect(finalHeights(one.hear(1, { ...whole, proof: short }))).toEqual([]);
    const forged = {
      ...proof,
      signatures: proof.signatures.map((signature) => signature.map((byte) => byte ^ 1)),
    };
    expect(finalHeights(one.hear(1, { ...whole, proof: forged }))).toEqual([]);
    for (const [kind, epoch] of [
      ['notarise', 1],
      ['finalise', 2],
    ] as const) {
      const unfit = one.certificate(kind, proof.view, proof.digest, undefined, epoch);
      expect(finalHeights(one.hear(1, { ...whole, proof: unfit }))).toEqual([]);
    }
    const effects = one.hear(1, whole);
    expect(finalHeights(effects)).toEqual([1]);
    expect(one.state.final.proof).toBeUndefined();
    expect(sent(effects, 1)).toEqual([{ kind: 'fetch-final', from: 2 }]);
    expect(finalHeights(one.hear(1, { kind: 'final', blocks: [second, third], path: [], proof }))).toEqual([
      2, 3,
    ]);
    expect(one.state.isBusy).toBe(false);
  });
});

describe('R0 being busy', () => {
  it('is for more than f voters, not for one', () => {
    const one = new Solo();
    for (const view of [2, 3, 4]) one.hearVote(3, 'notarise', view, '55'.repeat(32));
    expect(one.state.isBusy).toBe(false);
    const effects = one.hearVote(2, 'notarise', 3, '55'.repeat(32));
    expect(one.state.isBusy).toBe(true);
    expect(effects).toContainEqual({ kind: 'tick-rate', busy: true });
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'set-timer', timer: 'view', view: 1 }));
  });

  it('is no matter of empty proposals, which one leader could make for ever', () => {
    const one = new Solo();
    const first = one.block(3, []);
    one.hearProposal(first);
    one.hearProposal(one.block(4, [], first));
    expect(one.state.blocks.size).toBe(2);
    expect(one.state.isBusy).toBe(false);
    one.hearProposal(one.block(2, [fakeTransaction('pkg:npm/a@1.0.0')]));
    expect(one.state.isBusy).toBe(true);
  });

  it('is no matter of an own vote to nullify alone', () => {
    const one = new Solo();
    const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]);
    one.hearProposal(block);
    one.hearCertificate('notarise', 1, headerDigest(block.header));
    expect(votes(one.happen({ kind: 'timer', timer: 'view', view: 2 }))).toEqual(['nullify 2']);
    one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(one.state.view).toBe(2);
    expect(one.state.isBusy).toBe(false);
  });

  it('is no matter of an own vote against what one leader proposed and voted for', () => {
    const one = new Solo();
    const invalid = one.block(1, [fakeTransaction('pkg:npm/a@1')], undefined, { height: 7 });
    expect(votes(one.hearProposal(invalid))).toEqual(['nullify 1']);
    expect(one.state.isBusy).toBe(false);
    one.hearVote(2, 'nullify', 1);
    expect(one.state.isBusy).toBe(true);
  });

  it('is no matter of a proposal for a later view whose height became final meanwhile', () => {
    const one = new Solo();
    const first = one.block(1, [fakeTransaction('pkg:npm/a@1')]);
    one.hearProposal(one.block(3, [fakeTransaction('pkg:npm/a@1')]));
    expect(one.state.isBusy).toBe(true);
    one.hearProposal(first);
    one.hearCertificate('finalise', 1, headerDigest(first.header));
    expect(one.state.final.height).toBe(1);
    expect(one.state.isBusy).toBe(false);
  });

  it('is passed on: what a proposal holds is gossiped by whoever saw it, if its leader is gone', () => {
    const one = new Solo();
    const tx = fakeTransaction('pkg:npm/a@1.0.0');
    expect(sent(one.hearProposal(one.block(1, [tx]))).map((message) => message.kind)).toEqual(['vote']);
    one.hearCertificate('nullify', 1);
    expect(sent(one.happen({ kind: 'tick' }))).toContainEqual({ kind: 'transaction', bytes: tx });
    expect(one.state.isBusy).toBe(true);
  });

  it('ends with finality: timers stop, ticks slow down', () => {
    const one = new Solo();
    const block = one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]);
    one.hearProposal(block);
    const effects = one.hearCertificate('finalise', 1, headerDigest(block.header));
    expect(effects).toContainEqual({ kind: 'tick-rate', busy: false });
    expect(effects).toContainEqual({ kind: 'stop-timer', timer: 'view' });
    expect(votes(effects)).toEqual([]);
  });
});

describe('I19 bounded memory', () => {
  it('keeps no votes of views far ahead or final, and one proposal per near view', () => {
    const { one } = withFinals(2);
    for (const view of [1, 2, 1000]) one.hearVote(3, 'notarise', view, '55'.repeat(32));
    expect([...one.state.views.keys()]).toEqual([]);
    one.hearProposal(one.block(30, [fakeTransaction('pkg:npm/y@1.0.0')]));
    for (let copies = 0; copies < 5; copies++) {
      one.hearProposal(one.block(5, [fakeTransaction('pkg:npm/y@1.0.0', { nonce: copies })]));
    }
    expect(one.state.blocks.size).toBe(1);
  });

  it('takes no ancestors that a leader made up: more than there are views, or out of order', () => {
    const one = new Solo();
    one.hearCertificate('nullify', 1);
    one.hearCertificate('nullify', 2);
    const body = (view: number, height: number) =>
      one.block(view, [fakeTransaction('pkg:npm/f@1.0.0')], undefined, { height, parent: 'ab'.repeat(32) });
    const high = one.block(3, [], undefined, { height: 4, parent: 'ab'.repeat(32) });
    expect(votes(one.hearProposal(high))).toEqual(['nullify 3']);
    const fetched = [
      [2 ** 50, 2],
      [2, 9],
      [3, 2],
      [2, 2],
    ].map(([view = 0, height = 0]) => {
      const ahead = new Solo();
      for (const past of [1, 2]) ahead.hearCertificate('nullify', past);
      const parent = body(view, height);
      const digest = headerDigest(parent.header);
      const child = one.block(3, [], undefined, { height: 3, parent: digest });
      expect(sent(ahead.hearProposal(child), 3)).toContainEqual({ kind: 'fetch-block', digest });
      ahead.hear(3, { kind: 'block', block: parent });
      return ahead.state.blocks.size - 1;
    });
    expect(fetched).toEqual([0, 0, 0, 1]);
  });

  it('drops bodies nobody asked for', () => {
    const one = new Solo();
    one.hear(1, { kind: 'block', block: one.block(1, [fakeTransaction('pkg:npm/a@1.0.0')]) });
    expect(one.state.blocks.size).toBe(0);
  });
});
