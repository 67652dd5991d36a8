import { toHex } from '@assay/core/encoding/hex.ts';
import { packSize } from '@assay/core/eris/tree-shape.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { PackDescription, PackInfo } from '@assay/core/swarm/block-store.ts';

/** Upper limit of all blocks together, in bytes, asked anew whenever a pack is begun; undefined means none. */
export type QuotaBytes = () => number | undefined;

/** Most bytes the pack of an artifact can have. */
export function maxPackBytes({ contentSize, blockSize }: PackDescription): number {
  return packSize(contentSize, blockSize);
}

/**
 * Which packs must go so that `wanted` can be written in full: those used least lately first; never pinned ones, nor
 * those in `open` (hex roots), which are being written and for which their full size is set aside. Throws `E_STORE_FULL`
 * when that is not enough.
 */
export function choosePacksToEvict(
  packs: readonly PackInfo[],
  wanted: PackDescription,
  open: ReadonlySet<string>,
  quotaBytes: number,
): readonly PackInfo[] {
  const name = toHex(wanted.root);
  const others = packs.filter(({ root }) => toHex(root) !== name);
  const isOpen = (pack: PackInfo): boolean => open.has(toHex(pack.root));
  const setAside = (pack: PackInfo): number =>
    isOpen(pack) && !pack.complete ? maxPackBytes(pack) : pack.bytes;
  const used = others.reduce((sum, pack) => sum + setAside(pack), 0);
  let missing = used + maxPackBytes(wanted) - quotaBytes;
  const evictable = others
    .filter((pack) => !pack.pinned && !isOpen(pack))
    .toSorted((a, b) => a.lastUsed - b.lastUsed);
  const chosen: PackInfo[] = [];
  for (const pack of evictable) {
    if (missing <= 0) break;
    chosen.push(pack);
    missing -= pack.bytes;
  }
  if (missing > 0) {
    const have = Math.max(0, maxPackBytes(wanted) - missing);
    throw new AssayError('E_STORE_FULL', { need: maxPackBytes(wanted), have });
  }
  return chosen;
}
