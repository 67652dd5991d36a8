import { fail, ok, type Result } from '../errors/result.ts';
import type { LogStore } from './log-store.ts';
import { HASH_BYTES } from './merkle.ts';
import { decodeEntryBundle, decodeTile, entriesPath, TILE_WIDTH, tilePath } from './tile.ts';
import { edgePosition, levelCount, TileEdge } from './tile-edge.ts';

/**
 * Reads the right edge of the first `size` entries from a store: one tile for each level and one bundle. Where a partial
 * file is gone, because the full one came after it, the beginning of the full one is taken. Fails with
 * E_LOG_FILE_MISSING, E_TILE, E_ENTRY_BUNDLE or E_LOG_DAMAGED.
 */
export async function readStoredEdge(store: LogStore, size: number): Promise<Result<TileEdge>> {
  const tiles: Uint8Array[][] = [];
  for (let level = 0; level < levelCount(size); level++) {
    const { index, width } = edgePosition(size, level);
    const bytes = await readWidest(store, (of) => tilePath(level, index, of), width);
    if (!bytes.ok) return bytes;
    const isFull = bytes.value.length === TILE_WIDTH * HASH_BYTES;
    const tile = decodeTile(isFull ? bytes.value.subarray(0, width * HASH_BYTES) : bytes.value, width);
    if (!tile.ok) return tile;
    tiles.push(tile.value);
  }
  const { index, width } = edgePosition(size, 0);
  const bytes = await readWidest(store, (of) => entriesPath(index, of), width);
  if (!bytes.ok) return bytes;
  const entries = width === 0 ? ok([]) : decodeEntryBundle(bytes.value);
  return entries.ok ? TileEdge.of(size, tiles, entries.value.slice(0, width)) : entries;
}

/** The file of exactly `width`, else the full one; nothing where nothing is needed. */
async function readWidest(
  store: LogStore,
  path: (width: number) => string,
  width: number,
): Promise<Result<Uint8Array>> {
  if (width === 0) return ok(new Uint8Array(0));
  const bytes = (await store.read(path(width))) ?? (await store.read(path(TILE_WIDTH)));
  return bytes === undefined ? fail('E_LOG_FILE_MISSING', { path: path(width) }) : ok(bytes);
}
