import { packBlockCount } from '@assay/core/eris/tree-shape.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { PackDescription } from '@assay/core/swarm/block-store.ts';

/** Throws `E_STORE` for a block number that no pack of this size has, before room is made for it. */
export function checkIndex({ contentSize, blockSize }: PackDescription, index: number): void {
  const limit = packBlockCount(contentSize, blockSize);
  if (!Number.isInteger(index) || index < 0 || index >= limit) {
    throw new AssayError('E_STORE', { reason: `block ${index} of a pack of at most ${limit} blocks` });
  }
}

/** Throws `E_STORE` for a block of another size than the pack's. */
export function checkLength({ blockSize }: PackDescription, block: Uint8Array): void {
  if (block.length === blockSize) return;
  throw new AssayError('E_STORE', { reason: `a block of ${block.length} bytes in a pack of ${blockSize}` });
}

/** Throws `E_STORE` unless exactly the referenced blocks are stored. */
export function checkReferences(references: readonly Uint8Array[], have: ReadonlySet<number>): void {
  if (have.size === references.length && references.every((_, index) => have.has(index))) return;
  throw new AssayError('E_STORE', { reason: 'not every block of the pack was put' });
}
