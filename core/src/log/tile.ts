import { concatBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { HASH_BYTES } from './merkle.ts';

/** Levels of the Merkle tree that one tile spans (C2SP tlog-tiles). */
export const TILE_HEIGHT = 8;

/** Hashes in a full tile, entries in a full bundle. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** Longest entry: bundles carry its length in 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

/** Largest bundle that can be well-formed; anything longer is refused unread. */
export const MAX_ENTRY_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES);

/** Highest level the path syntax has. */
const MAX_LEVEL = 63;

/** `tile/63/` plus six groups for the largest safe integer plus `.p/255`: no more of a refused path is quoted. */
const MAX_PATH_LENGTH = 48;

/** What a tile path names: a tile of hashes or a bundle of entries, full when `width` is TILE_WIDTH. */
export type TileName =
  | { readonly kind: 'hashes'; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: 'entries'; readonly index: number; readonly width: number };

/** Path of tile `index` of `level`; a `width` below 256 names the partial tile. */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  return `tile/${level}/${position(index, width)}`;
}

/** Path of entry bundle `index`; a `width` below 256 names the partial bundle. */
export function entriesPath(index: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${position(index, width)}`;
}

const TILE_PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/;

/** Reads a tile or entry bundle path; accepts exactly what `tilePath` and `entriesPath` write. Fails with E_TILE_PATH. */
export function parseTilePath(path: string): Result<TileName> {
  const refused = () => fail('E_TILE_PATH', { path: path.slice(0, MAX_PATH_LENGTH) });
  const [, level, groups, partial] = TILE_PATH.exec(path) ?? [];
  if (level === undefined || groups === undefined) return refused();
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (!Number.isSafeInteger(index) || width < 1 || width > TILE_WIDTH) return refused();
  const name: TileName =
    level === 'entries'
      ? { kind: 'entries', index, width }
      : { kind: 'hashes', level: Number(level), index, width };
  if (name.kind === 'hashes' && name.level > MAX_LEVEL) return refused();
  return pathOf(name) === path ? ok(name) : refused();
}

/** The path of what `name` names. */
export function pathOf(name: TileName): string {
  return name.kind === 'entries'
    ? entriesPath(name.index, name.width)
    : tilePath(name.level, name.index, name.width);
}

/** `evidence/` and a SHA-256 in hex, or `handoff/` and the number of an epoch that others came before. */
const SIDE_PATH = /^(?:evidence\/[0-9a-f]{64}|handoff\/(?:[2-9]|[1-9]\d{1,14}))$/;

/** Whether `path` is one a log may hold: the checkpoint, a tile, an entry bundle, an evidence bundle, the link of a hand-off. */
export function isLogPath(path: string): boolean {
  return path === 'checkpoint' || SIDE_PATH.test(path) || parseTilePath(path).ok;
}

/** `lookup/` and the digest of a purl or the reference of a pack, in hex. */
const KEPT_PATH = /^lookup\/[0-9a-f]{64}$/;

/** Whether `path` is one that a node keeps for itself beside the log and serves to nobody: the proofs of what it holds. */
export function isKeptPath(path: string): boolean {
  return KEPT_PATH.test(path);
}

/** Splits a hash tile of exactly `width` hashes into views of them. Fails with E_TILE. */
export function decodeTile(bytes: Uint8Array, width: number): Result<Uint8Array[]> {
  if (bytes.length !== width * HASH_BYTES)
    return fail('E_TILE', { have: bytes.length, need: width * HASH_BYTES });
  return ok(Array.from({ length: width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}

/** Writes up to 256 entries, each after its 16-bit length. Throws E_ENTRY_SIZE for one that is too long. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(...entries.flatMap((entry) => [entryLength(entry), entry]));
}

/**
 * Reads an entry bundle of exactly `count` entries, or of 1 to 256 when no count is given. The entries are views into
 * `bytes`. Fails with E_ENTRY_BUNDLE.
 */
export function decodeEntryBundle(bytes: Uint8Array, count?: number): Result<Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let offset = 0;
  const refused = () => fail('E_ENTRY_BUNDLE', { entries: entries.length, offset });
  if (bytes.length > MAX_ENTRY_BUNDLE_BYTES) return refused();
  while (offset < bytes.length) {
    const [high, low] = bytes.subarray(offset, offset + 2);
    if (high === undefined || low === undefined || entries.length === TILE_WIDTH) return refused();
    const start = offset + 2;
    const end = start + high * 256 + low;
    if (end > bytes.length) return refused();
    entries.push(bytes.subarray(start, end));
    offset = end;
  }
  const isComplete = count === undefined ? entries.length > 0 : entries.length === count;
  return isComplete ? ok(entries) : refused();
}

function entryLength({ length }: Uint8Array): Uint8Array {
  if (length > MAX_ENTRY_BYTES)
    throw new AssayError('E_ENTRY_SIZE', { have: length, limit: MAX_ENTRY_BYTES });
  return Uint8Array.of(length >>> 8, length & 0xff);
}

/** 1234067 → `x001/x234/067`, with `.p/<width>` behind it when partial. */
function position(index: number, width: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.replaceAll(/\d{3}(?=\d)/g, 'x$&/');
  return width === TILE_WIDTH ? groups : `${groups}.p/${width}`;
}
