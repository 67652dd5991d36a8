import { ok, type Result } from '../errors/result.ts';
import { foldSubtrees } from './merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH } from './tile.ts';
import { rangeOver } from './tile-edge.ts';
import { perfectSubtrees, type LeafRange, type PerfectSubtree } from './tree-ranges.ts';

/** Gives the hashes of tile `index` of `level`: 256, or fewer at the right edge of the log. */
export type ReadTile = (level: number, index: number) => Promise<Result<readonly Uint8Array[]>>;

/** Computes the tree hashes of ranges of one log from its tiles, reading each tile once. */
export class TreeHashes {
  readonly #readTile: ReadTile;
  readonly #tiles = new Map<string, Promise<Result<readonly Uint8Array[]>>>();

  constructor(readTile: ReadTile) {
    this.#readTile = readTile;
  }

  /** One hash for each range; fails as `readTile` does. */
  async of(ranges: readonly LeafRange[]): Promise<Result<Uint8Array[]>> {
    const hashes: Uint8Array[] = [];
    for (const range of ranges) {
      const subtrees: Uint8Array[] = [];
      for (const subtree of perfectSubtrees(range)) {
        const root = await this.#subtreeRoot(subtree);
        if (!root.ok) return root;
        subtrees.push(root.value);
      }
      hashes.push(foldSubtrees(subtrees));
    }
    return ok(hashes);
  }

  /** A node between two tile levels is the root over a run of hashes of the tile below it. */
  async #subtreeRoot({ height, index }: PerfectSubtree): Promise<Result<Uint8Array>> {
    const level = Math.floor(height / TILE_HEIGHT);
    const count = 2 ** (height % TILE_HEIGHT);
    const first = index * count;
    const tile = await this.#tile(level, Math.floor(first / TILE_WIDTH));
    if (!tile.ok) return tile;
    return ok(rangeOver(tile.value.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + count)).root());
  }

  #tile(level: number, index: number): Promise<Result<readonly Uint8Array[]>> {
    const key = `${level}/${index}`;
    const tile = this.#tiles.get(key) ?? this.#readTile(level, index);
    this.#tiles.set(key, tile);
    return tile;
  }
}
