import { describe, expect, it } from 'vitest';
import { headerDigest, ZERO_HASH, type Block } from './block.ts';
import type { Effect, FinalBlock, Write } from './events.ts';
import { MAX_FINAL_BLOCKS } from './limits.ts';
import { finalRun, type ConsensusStore, type Recovered } from './store.ts';
import { fakeTransaction } from './testing/fake-network.ts';
import { Solo, writes } from './testing/solo.ts';

/** The final writes of an authority that makes `count` blocks final; every one in `unproven` by its child's certificate. */
export function finalWrites(
  count: number,
  unproven: readonly number[] = [],
): Extract<Write, { kind: 'final' }>[] {
  const one = new Solo();
  const found: Effect[] = [];
  let parent: Block | undefined;
  for (let view = 1; view <= count; view++) {
    const block = one.block(view, [fakeTransaction(`pkg:npm/p@${view}.0.0`)], parent);
    const digest = headerDigest(block.header);
    found.push(...one.hearProposal(block), ...one.hearCertificate('notarise', view, digest));
    parent = block;
    if (unproven.includes(view)) continue;
    found.push(...one.hearCertificate('finalise', view, digest));
    parent = undefined;
  }
  return writes(found).flatMap((write) => (write.kind === 'final' ? [write] : []));
}

/** What every ConsensusStore must do. `reopen` gives a new store over what the one before had committed. */
export function consensusStoreContract(
  name: string,
  make: () => { store: ConsensusStore; reopen(): ConsensusStore },
): void {
  describe(`${name} as a ConsensusStore`, () => {
    const one = new Solo();
    const block = one.block(5, [fakeTransaction('pkg:npm/z@1.0.0')]);
    const digest = headerDigest(block.header);
    const vote = one.vote(0, 'notarise', 5, digest);
    const certificate = one.certificate('nullify', 4);

    it('remembers nothing at first', () => {
      const recovered = plain(make().store.recover());
      expect(recovered).toEqual({
        eras: [],
        handoffs: [],
        packages: [],
        votes: [],
        certificates: [],
        blocks: [],
        evidence: [],
      });
    });

    it('gives back what was committed, votes in their order', () => {
      const { store, reopen } = make();
      const second = one.vote(0, 'nullify', 5, ZERO_HASH);
      const evidence = { kind: 'votes', first: vote, second } as const;
      store.commit([
        { kind: 'certificate', certificate },
        { kind: 'block', block, digest },
        { kind: 'vote', vote },
      ]);
      store.commit([
        { kind: 'block', block, digest },
        { kind: 'vote', vote: second },
        { kind: 'cosigned', head: { size: 4, root: digest } },
        { kind: 'evidence', key: 'a0/view 5', evidence },
        { kind: 'evidence', key: 'a0/view 5', evidence },
        { kind: 'amnesia', reason: 'forgot', keys: ['ab'] },
      ]);
      expect(plain(reopen().recover())).toEqual({
        eras: [],
        handoffs: [],
        packages: [],
        votes: [vote, second],
        certificates: [certificate],
        blocks: [block],
        evidence: [evidence],
        cosigned: { size: 4, root: digest },
        amnesia: { reason: 'forgot', keys: ['ab'] },
      });
    });

    it('keeps final blocks, their packages and the tree, and drops what they settled', () => {
      const { store, reopen } = make();
      store.commit([
        { kind: 'vote', vote },
        { kind: 'vote', vote: one.vote(0, 'nullify', 1) },
        { kind: 'certificate', certificate: one.certificate('nullify', 2) },
      ]);
      const finals = finalWrites(3);
      store.commit(finals);
      const again = reopen();
      const recovered = plain(again.recover());
      const last = finals.at(-1)?.final as FinalBlock;
      expect(recovered.votes).toEqual([vote]);
      expect(recovered.certificates).toEqual([]);
      expect(recovered.packages).toEqual(finals.flatMap(({ final }) => final.execution.additions));
      expect(recovered.packages).toMatchObject([
        { purl: 'pkg:npm/p@1.0.0', index: 2 },
        { purl: 'pkg:npm/p@2.0.0', index: 4 },
        { purl: 'pkg:npm/p@3.0.0', index: 6 },
      ]);
      const { range } = last.execution.ledger;
      expect(recovered.final).toEqual({
        block: last.block,
        digest: last.digest,
        proof: last.proof,
        batches: 3,
        suspended: [],
        tree: { size: range.size, hashes: range.hashes },
      });
      expect(again.finalBlock(2)).toMatchObject({ block: finals[1]?.final.block, batches: 2 });
      expect(again.finalBlock(4)).toBeUndefined();
    });

    it('gives runs of final blocks that end in a proof', () => {
      const { store } = make();
      store.commit(finalWrites(5, [2, 3, 5]));
      expect([1, 2, 3, 4, 5].map((height) => store.provenHeight(height))).toEqual([1, 4, 4, 4, undefined]);
      expect(finalRun(store, 2)).toMatchObject({
        kind: 'final',
        blocks: [{ header: { height: 2 } }, { header: { height: 3 } }, { header: { height: 4 } }],
        path: [],
        proof: { view: 4 },
      });
      expect(finalRun(store, 5)).toBeUndefined();
    });

    it('cuts a long run, and proves its end over headers', () => {
      const { store } = make();
      const count = MAX_FINAL_BLOCKS + 4;
      const all = Array.from({ length: count }, (_, at) => at + 1);
      store.commit(finalWrites(count, all.slice(MAX_FINAL_BLOCKS - 10, -1)));
      const run = finalRun(store, 1);
      expect(run?.blocks).toHaveLength(MAX_FINAL_BLOCKS);
      expect(run?.path.map((header) => header.height)).toEqual(all.slice(MAX_FINAL_BLOCKS));
      expect(run?.proof.view).toBe(count);
    });
  });
}

function plain(recovered: Recovered): Recovered & { packages: unknown[] } {
  return { ...recovered, packages: [...recovered.packages] };
}
