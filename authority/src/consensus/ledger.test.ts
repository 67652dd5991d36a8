import { describe, expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { leafHash } from '@assay/core/log/merkle.ts';
import { PackageMap } from '@assay/core/records/package-map.ts';
import { ZERO_HASH } from './block.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import { execute, executeBlock } from './execute.ts';
import { findPackage, postOf } from './ledger.ts';
import { fakeContext, fakeState, fakeTransaction } from './testing/fake-network.ts';
import { Solo } from './testing/solo.ts';

const context = fakeContext(0, 4);
const genesis = fakeState(context).final.ledger;
const tx = (name: string) => fakeTransaction(`pkg:npm/${name}@1.0.0`);
const run = (parent = genesis, ...names: string[]) =>
  unwrap(execute(parent, { time: 1234, transactions: names.map(tx) }, context));

describe('the ledger', () => {
  it('appends the records of a block and one state record', () => {
    const { ledger, entries } = run(genesis, 'a', 'b');
    expect(entries).toHaveLength(3);
    expect(ledger).toMatchObject({ size: 5, log: { height: 1 } });
    expect(unwrap(decodeRecord(entries[2] ?? new Uint8Array()))).toMatchObject({
      kind: 'state',
      height: 1,
      time: 1234,
      prevSize: 2,
      recordCount: 2,
    });
    expect(findPackage(ledger, 'pkg:npm/b@1.0.0')).toBe(3);
  });

  it('carries the root of the map of packages in state record and header, whatever way it came there', () => {
    const map = ['a', 'b'].reduce((before, name, at) => {
      return before.addVersion(
        `pkg:npm/${name}@1.0.0`,
        2 + at,
        leafHash(run(genesis, 'a', 'b').entries[at] ?? tx(name)),
      );
    }, PackageMap.empty);
    const { ledger, entries } = run(genesis, 'a', 'b');
    expect(unwrap(decodeRecord(entries[2] ?? new Uint8Array()))).toMatchObject({ mapRoot: map.root() });
    expect(postOf(ledger, context).mapRoot).toBe(toHex(map.root()));
    expect(postOf(genesis, context).mapRoot).toBe(ZERO_HASH);
  });

  it('is left alone by an empty block', () => {
    expect(run(genesis)).toEqual({ ledger: genesis, entries: [], transactions: [], additions: [] });
  });

  it('lets forks go their own ways', () => {
    const first = run(genesis, 'a').ledger;
    const left = run(first, 'b').ledger;
    const right = run(first, 'c').ledger;
    expect(left.root).not.toBe(right.root);
    expect(findPackage(left, 'pkg:npm/c@1.0.0')).toBeUndefined();
    expect(findPackage(first, 'pkg:npm/b@1.0.0')).toBeUndefined();
    expect(run(first, 'b').ledger.root).toBe(left.root);
  });

  it('takes each package version once: in a block, in its ancestors, in what is final', () => {
    const first = run(genesis, 'a').ledger;
    for (const [parent, names] of [
      [genesis, ['b', 'b']],
      [first, ['a']],
    ] as const) {
      const again = execute(parent, { time: 1, transactions: names.map(tx) }, context);
      expect(again).toMatchObject({ error: { code: 'E_ALREADY_IN_LOG' } });
    }
  });

  it('refuses a block that promises another state', () => {
    const one = new Solo();
    const block = one.block(1, [tx('a')]);
    expect(executeBlock(genesis, block, context).ok).toBe(true);
    const { header } = block;
    for (const change of [
      { size: 5 },
      { root: '00'.repeat(32) },
      { mapRoot: '11'.repeat(32) },
      { nextSetHash: '33'.repeat(32) },
    ]) {
      const lying = { ...block, header: { ...header, post: { ...header.post, ...change } } };
      expect(executeBlock(genesis, lying, context)).toMatchObject({ error: { code: 'E_CONSENSUS_BLOCK' } });
    }
  });

  it('does not carry along what became final', () => {
    const one = new Solo();
    const { packages } = one.state.final.ledger;
    const first = run(one.state.final.ledger, 'a').ledger;
    packages.add('pkg:npm/a@1.0.0', 2);
    const second = run(first, 'b').ledger;
    expect([...second.added.keys()]).toEqual(['pkg:npm/b@1.0.0']);
    expect(findPackage(second, 'pkg:npm/a@1.0.0')).toBe(2);
  });
});
