import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { CompactRange, emptyRoot, leafHashes } from './merkle.ts';
import { encodeEntryBundle, entriesPath, TILE_HEIGHT, TILE_WIDTH, tilePath } from './tile.ts';

/** The rightmost tile of a level or the rightmost entry bundle: its number and how much is in it, 0 to 255. */
export interface EdgePosition {
  readonly index: number;
  readonly width: number;
}

/** Where level `level` of a log of `size` entries ends; level 0 is also where the entry bundles end. */
export function edgePosition(size: number, level: number): EdgePosition {
  const count = Math.floor(size / TILE_WIDTH ** level);
  return { index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH };
}

/** How many levels of tiles a log of `size` entries has. */
export function levelCount(size: number): number {
  let levels = 0;
  while (TILE_WIDTH ** levels <= size) levels += 1;
  return levels;
}

/** An append that was computed and not written yet. */
export interface StagedAppend {
  readonly before: TileEdge;
  readonly after: TileEdge;
  /** What it adds to the log: entry bundles, then tiles; partial ones only for the size after the append. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * The right edge of a tiled log: everything in tiles and bundles that are not full. It is all that is needed to append,
 * and immutable: an append gives a new edge.
 */
export class TileEdge {
  static readonly empty: TileEdge = new TileEdge(CompactRange.of(), [], []);

  readonly #range: CompactRange;
  /** For each level the hashes of its rightmost tile. */
  readonly #tiles: readonly (readonly Uint8Array[])[];
  /** The entries of the rightmost bundle. */
  readonly #entries: readonly Uint8Array[];

  private constructor(
    range: CompactRange,
    tiles: readonly (readonly Uint8Array[])[],
    entries: readonly Uint8Array[],
  ) {
    this.#range = range;
    this.#tiles = tiles;
    this.#entries = entries;
  }

  /**
   * The edge of a log of `size` entries from its rightmost tiles, level by level, and its rightmost bundle, each of the
   * width that `edgePosition` says. Fails with E_LOG_DAMAGED when the entries are not those of the tile.
   */
  static of(
    size: number,
    tiles: readonly (readonly Uint8Array[])[],
    entries: readonly Uint8Array[],
  ): Result<TileEdge> {
    const bottom = tiles[0] ?? [];
    const isOfTile =
      entries.length === bottom.length &&
      leafHashes(entries).every((hash, i) => equalBytes(hash, bottom[i] ?? emptyRoot));
    if (!isOfTile) return fail('E_LOG_DAMAGED', { size });
    const subtrees = tiles.toReversed().flatMap((tile) => rangeOver(tile).hashes);
    return ok(new TileEdge(CompactRange.of(subtrees, size), tiles, entries));
  }

  get size(): number {
    return this.#range.size;
  }

  /** Root of the whole log. */
  root(): Uint8Array {
    return this.#range.root();
  }

  /** The hashes of tile `index` of `level`, if that is the rightmost. */
  tile(level: number, index: number): readonly Uint8Array[] | undefined {
    return edgePosition(this.size, level).index === index ? this.#tiles[level] : undefined;
  }

  /** The entries of bundle `index`, if that is the rightmost. */
  bundle(index: number): readonly Uint8Array[] | undefined {
    return edgePosition(this.size, 0).index === index ? this.#entries : undefined;
  }

  /** Appends entries, whose leaf hashes may be known already. Throws E_ENTRY_SIZE for one that is too long. */
  append(entries: readonly Uint8Array[], leaves: readonly Uint8Array[] = leafHashes(entries)): StagedAppend {
    const range = this.#range.clone();
    const tiles = this.#tiles.map((tile) => [...tile]);
    range.appendAll(leaves, (height, hashes) => {
      if (height % TILE_HEIGHT !== 0) return;
      const tile = (tiles[height / TILE_HEIGHT] ??= []);
      for (const hash of hashes) tile.push(hash);
    });
    const tileFiles = new Map<string, Uint8Array>();
    for (const [level, tile] of tiles.entries()) {
      const first = edgePosition(this.size, level).index;
      const { index, width } = edgePosition(range.size, level);
      for (let at = first; at < index; at++) tileFiles.set(tilePath(level, at), takeTile(tile));
      const isChanged = width > 0 && width !== this.tile(level, index)?.length;
      if (isChanged) tileFiles.set(tilePath(level, index, width), concatBytes(...tile));
    }

    const bundle = [...this.#entries, ...entries.map((entry) => entry.slice())];
    const bundleFiles = new Map<string, Uint8Array>();
    const { index, width } = edgePosition(range.size, 0);
    for (let at = edgePosition(this.size, 0).index; at < index; at++) {
      bundleFiles.set(entriesPath(at), encodeEntryBundle(bundle.splice(0, TILE_WIDTH)));
    }
    if (entries.length > 0 && width > 0)
      bundleFiles.set(entriesPath(index, width), encodeEntryBundle(bundle));
    const after = new TileEdge(range, tiles, bundle);
    return { before: this, after, files: new Map([...bundleFiles, ...tileFiles]) };
  }
}

/** A tree over hashes as if they were leaves. */
export function rangeOver(hashes: readonly Uint8Array[]): CompactRange {
  const range = CompactRange.of();
  range.appendAll(hashes);
  return range;
}

/** The bytes of a full tile, taken from the front of a level's hashes. */
function takeTile(hashes: Uint8Array[]): Uint8Array {
  return concatBytes(...hashes.splice(0, TILE_WIDTH));
}
