import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { CompactRange, leafHash } from './merkle.ts';
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
      entries.length === bottom.length && entries.every((entry, i) => hasHash(entry, bottom[i]));
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

  /** Appends entries. Throws E_ENTRY_SIZE for one that is too long. */
  append(entries: readonly Uint8Array[]): StagedAppend {
    const range = this.#range.clone();
    const tiles = this.#tiles.map((tile) => [...tile]);
    let bundle = [...this.#entries];
    const bundleFiles = new Map<string, Uint8Array>();
    const tileFiles = new Map<string, Uint8Array>();

    for (const entry of entries) {
      bundle.push(entry.slice());
      range.append(leafHash(entry), (height, hash) => {
        if (height % TILE_HEIGHT === 0) (tiles[height / TILE_HEIGHT] ??= []).push(hash);
      });
      if (bundle.length < TILE_WIDTH) continue;
      bundleFiles.set(entriesPath(range.size / TILE_WIDTH - 1), encodeEntryBundle(bundle));
      bundle = [];
      for (const [level, tile] of tiles.entries()) {
        if (tile.length < TILE_WIDTH) break;
        tileFiles.set(tilePath(level, edgePosition(range.size, level).index - 1), concatBytes(...tile));
        tiles[level] = [];
      }
    }

    const { index, width } = edgePosition(range.size, 0);
    if (entries.length > 0 && width > 0)
      bundleFiles.set(entriesPath(index, width), encodeEntryBundle(bundle));
    for (const [level, tile] of tiles.entries()) {
      const { index: at } = edgePosition(range.size, level);
      const isChanged = tile.length > 0 && tile.length !== this.tile(level, at)?.length;
      if (isChanged) tileFiles.set(tilePath(level, at, tile.length), concatBytes(...tile));
    }
    const after = new TileEdge(range, tiles, bundle);
    return { before: this, after, files: new Map([...bundleFiles, ...tileFiles]) };
  }
}

/** A tree over hashes as if they were leaves. */
export function rangeOver(hashes: readonly Uint8Array[]): CompactRange {
  const range = CompactRange.of();
  for (const hash of hashes) range.append(hash);
  return range;
}

function hasHash(entry: Uint8Array, hash: Uint8Array | undefined): boolean {
  return hash !== undefined && equalBytes(leafHash(entry), hash);
}
