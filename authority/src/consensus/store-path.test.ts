import { expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { headerDigest } from './block.ts';
import { MAX_PATH_HEADERS } from './limits.ts';
import { finalRun } from './store.ts';
import { decodeStored, encodeStoredBlock, readStoredBlock } from './stored-values.ts';
import { Solo } from './testing/solo.ts';

/** A final block proven over so many headers. */
function provenOver(count: number) {
  const one = new Solo();
  const block = one.block(1, []);
  const proof = one.certificate('finalise', 2, headerDigest(block.header));
  return { block, batches: 1, proof, path: Array.from({ length: count }, () => block.header) };
}

it('a closing block that is proven over more headers than a message may hold can be read again', () => {
  const stored = provenOver(2 * MAX_PATH_HEADERS);
  const read = unwrap(decodeStored(encodeStoredBlock(stored), readStoredBlock));
  expect(read.path).toHaveLength(2 * MAX_PATH_HEADERS);
});

it('a run whose proof needs more headers than a message may hold is not sent', () => {
  const run = (count: number) =>
    finalRun({ finalBlock: (at) => (at === 1 ? provenOver(count) : undefined), provenHeight: () => 1 }, 1);
  expect(run(MAX_PATH_HEADERS)?.path).toHaveLength(MAX_PATH_HEADERS);
  expect(run(MAX_PATH_HEADERS + 1)).toBeUndefined();
});
