import { describe, expect, it } from 'vitest';
import type { TreeHead } from '../cosignature.ts';
import type { Effect } from '../events.ts';
import { Solo, statements, writes } from '../testing/solo.ts';

const root = (digit: number) => String(digit).repeat(64);
const head = (size: number): TreeHead => ({ size, root: root(size % 10) });

function published(effects: readonly Effect[]): { size: number; signers: number[]; freshAsOf: number }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'publish'
      ? [
          {
            size: effect.head.size,
            signers: effect.cosignatures.map((one) => one.signer),
            freshAsOf: effect.freshAsOf,
          },
        ]
      : [],
  );
}

/** Authority 0 of 4 hears the cosignature of another. */
function hear(one: Solo, signer: number, of: TreeHead, time = 2000): Effect[] {
  return one.hear(signer, { kind: 'cosignature', cosignature: one.cosignature(signer, of, time) });
}

describe('R8 cosigning', () => {
  it('signs what is in its files, after noting it durably', () => {
    const one = new Solo();
    const effects = one.happen({ kind: 'log-durable', head: head(4) });
    expect(writes(effects)).toEqual([{ kind: 'cosigned', head: head(4) }]);
    expect(statements(effects)).toMatchObject([
      { kind: 'cosignature', cosignature: { signer: 0, ...head(4) } },
    ]);
  });

  it('never signs a smaller size, nor another root for the same', () => {
    const one = new Solo();
    one.happen({ kind: 'log-durable', head: head(4) });
    expect(statements(one.happen({ kind: 'log-durable', head: head(3) }))).toEqual([]);
    expect(statements(one.happen({ kind: 'log-durable', head: { size: 4, root: root(9) } }))).toEqual([]);
  });

  it('signs the same again with each heartbeat, with a new time and without a new note', () => {
    const one = new Solo();
    expect(statements(one.happen({ kind: 'heartbeat' }))).toEqual([]);
    one.happen({ kind: 'log-durable', head: head(4) });
    one.now += 3_600_000;
    const effects = one.happen({ kind: 'heartbeat' });
    expect(writes(effects)).toEqual([]);
    expect(statements(effects)).toMatchObject([
      { cosignature: { ...head(4), time: Math.floor(one.now / 1000) } },
    ]);
  });

  it('signs nothing once it does not vote any more', () => {
    const one = new Solo();
    one.happen({ kind: 'storage-failed', reason: 'disk full' });
    expect(statements(one.happen({ kind: 'log-durable', head: head(4) }))).toEqual([]);
    expect(statements(one.happen({ kind: 'heartbeat' }))).toEqual([]);
  });
});

describe('a checkpoint', () => {
  it('is published with exactly a quorum, once its files are here', () => {
    const one = new Solo();
    for (const signer of [1, 2, 3]) expect(published(hear(one, signer, head(4)))).toEqual([]);
    expect(published(one.happen({ kind: 'log-durable', head: head(4) }))).toEqual([
      { size: 4, signers: [1, 2, 3], freshAsOf: 2000 },
    ]);
  });

  it('does not count cosignatures of another root, or of nobody', () => {
    const one = new Solo();
    one.happen({ kind: 'log-durable', head: head(4) });
    hear(one, 1, { size: 4, root: root(9) });
    const forged = { ...one.cosignature(2, head(4), 2000), signer: 3 };
    one.hear(3, { kind: 'cosignature', cosignature: forged });
    expect(published(hear(one, 2, head(4)))).toEqual([]);
    expect(published(hear(one, 3, head(4)))).toHaveLength(1);
  });

  it('never moves back, and forward also over sizes that found no quorum', () => {
    const one = new Solo();
    for (const size of [2, 4, 6]) one.happen({ kind: 'log-durable', head: head(size) });
    for (const signer of [1, 2]) hear(one, signer, head(4));
    expect(one.state.cosign.published?.size).toBe(4);
    for (const signer of [1, 2, 3]) expect(published(hear(one, signer, head(2)))).toEqual([]);
    hear(one, 1, head(6));
    expect(published(hear(one, 3, head(6)))).toMatchObject([{ size: 6 }]);
  });

  it('of an older size still convicts who signed another root of it', () => {
    const one = new Solo();
    for (const size of [4, 6]) {
      one.happen({ kind: 'log-durable', head: head(size) });
      for (const signer of [1, 2]) hear(one, signer, head(size));
    }
    expect(one.state.cosign.published?.size).toBe(6);
    hear(one, 2, { size: 4, root: root(9) });
    expect([...one.state.evidence.keys()]).toEqual(['a2/epoch 1/size 4/two-cosignatures']);
  });

  it('is published anew when a quorum has newer times', () => {
    const one = new Solo();
    one.happen({ kind: 'log-durable', head: head(4) });
    for (const signer of [1, 2, 3]) hear(one, signer, head(4), 2000);
    expect(published(hear(one, 1, head(4), 5600))).toEqual([]);
    expect(published(hear(one, 2, head(4), 5601))).toEqual([
      { size: 4, signers: [2, 1, 0], freshAsOf: 5600 },
    ]);
    expect(published(hear(one, 2, head(4), 2000))).toEqual([]);
  });

  it('keeps cosignatures of few sizes per signer', () => {
    const one = new Solo();
    for (let size = 1; size <= 100; size++) hear(one, 3, { size, root: root(1) });
    expect(one.state.cosign.received.get(3)?.size).toBeLessThanOrEqual(16);
  });
});
