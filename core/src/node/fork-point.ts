import { equalBytes } from '../encoding/bytes.ts';
import { levelCount } from '../log/tile-edge.ts';
import { TILE_WIDTH } from '../log/tile.ts';
import type { AuthenticLog } from './authentic-log.ts';

/**
 * How many entries, counted from the first, two histories have in common: compares hashes of whole subtrees from the top down, one
 * tile of each side per level, all checked up to the signed roots. Rejects when one side cannot be read.
 */
export async function forkPoint(
  first: Pick<AuthenticLog, 'hashes' | 'size'>,
  second: Pick<AuthenticLog, 'hashes' | 'size'>,
  signal?: AbortSignal,
): Promise<number> {
  let index = 0;
  for (let level = levelCount(Math.min(first.size, second.size)) - 1; level >= 0; level--) {
    const [ours, theirs] = await Promise.all([
      first.hashes(level, index, signal),
      second.hashes(level, index, signal),
    ]);
    const parted = ours.findIndex((hash, position) => !isSame(hash, theirs[position]));
    index = index * TILE_WIDTH + (parted === -1 ? ours.length : parted);
  }
  return index;
}

function isSame(hash: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && equalBytes(hash, other);
}
