import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, unwrap, type Result } from '../errors/result.ts';
import type { LogStore } from './log-store.ts';
import { emptyRoot } from './merkle.ts';
import { PartialFiles, type Superseded } from './partial-files.ts';
import { readStoredEdge } from './stored-edge.ts';
import { decodeEntryBundle, decodeTile, entriesPath, TILE_WIDTH, tilePath } from './tile.ts';
import type { StagedAppend, TileEdge } from './tile-edge.ts';
import { TreeHashes } from './tree-hashes.ts';
import { consistencyRanges, inclusionRanges, type LeafRange } from './tree-ranges.ts';

/** One entry and its number. */
export interface LogEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/**
 * The first `size` entries of a log in a LogStore, in the files of C2SP tlog-tiles. Whatever the store holds beyond them,
 * say of an append whose checkpoint was never written, is not looked at and written over by the next append.
 *
 * One writer; readers may go on during an append and see the log as it was. Fails with E_LOG_FILE_MISSING, E_TILE,
 * E_ENTRY_BUNDLE or E_LOG_DAMAGED when stored files are not as they were written, and rejects when the store does.
 */
export class TiledLog {
  readonly #store: LogStore;
  #edge: TileEdge;
  #isWriting = false;
  readonly #partials = new PartialFiles();

  private constructor(store: LogStore, edge: TileEdge) {
    this.#store = store;
    this.#edge = edge;
    this.#partials.note(edge.size);
  }

  /**
   * Opens the first `size` entries of the log in `store`. Reads only tiles and bundles that are not full; with
   * `verifyRoot` they must lead to that root, else E_LOG_DAMAGED.
   */
  static async open(
    store: LogStore,
    size: number,
    { verifyRoot }: { readonly verifyRoot?: Uint8Array } = {},
  ): Promise<Result<TiledLog>> {
    if (!Number.isSafeInteger(size) || size < 0) return fail('E_LOG_DAMAGED', { size });
    const edge = await readStoredEdge(store, size);
    if (!edge.ok) return edge;
    const isSound = verifyRoot === undefined || equalBytes(edge.value.root(), verifyRoot);
    return isSound ? ok(new TiledLog(store, edge.value)) : fail('E_LOG_DAMAGED', { size });
  }

  get size(): number {
    return this.#edge.size;
  }

  root(): Uint8Array {
    return this.#edge.root();
  }

  /**
   * Computes an append without writing it, so that its root can be compared first. The leaf hashes may be known already. Throws
   * E_ENTRY_SIZE.
   */
  stage(entries: readonly Uint8Array[], leaves?: readonly Uint8Array[]): StagedAppend {
    return this.#edge.append(entries, leaves);
  }

  /**
   * Writes a staged append in one write, and after its files those in `also`, such as the checkpoint that vouches for
   * them. Throws E_LOG_WRITERS when another append came between; after any failure the log is as before.
   */
  async commit(staged: StagedAppend, also: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
    const isNext = staged.before === this.#edge && !this.#isWriting;
    if (!isNext) throw new AssayError('E_LOG_WRITERS', { size: this.size });
    this.#isWriting = true;
    try {
      await this.#store.write(new Map([...staged.files, ...also]));
      this.#edge = staged.after;
      this.#partials.note(this.size);
    } finally {
      this.#isWriting = false;
    }
  }

  /** `stage` and `commit` in one. */
  async append(entries: readonly Uint8Array[], also?: ReadonlyMap<string, Uint8Array>): Promise<void> {
    await this.commit(this.stage(entries), also);
  }

  /** Entry `index`. Fails with E_LOG_NO_ENTRY beyond the log. */
  async entry(index: number): Promise<Result<Uint8Array>> {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.size) return this.#noEntry(index);
    const bundle = await this.#bundle(Math.floor(index / TILE_WIDTH));
    if (!bundle.ok) return bundle;
    const bytes = bundle.value[index % TILE_WIDTH];
    return bytes === undefined ? this.#noEntry(index) : ok(bytes.slice());
  }

  /**
   * Entries `from` (inclusive) to `to` (exclusive), in order, as views that must not be written to. Throws the AssayErrors that
   * `entry` fails with.
   */
  async *entries(from = 0, to: number = this.size): AsyncGenerator<LogEntry, void, undefined> {
    if (to > this.size) unwrap(this.#noEntry(to - 1));
    for (let start = from; start < to; start += TILE_WIDTH - (start % TILE_WIDTH)) {
      const bundle = unwrap(await this.#bundle(Math.floor(start / TILE_WIDTH)));
      const first = start - (start % TILE_WIDTH);
      for (const [i, bytes] of bundle.slice(0, to - first).entries()) {
        if (first + i >= start) yield { index: first + i, bytes };
      }
    }
  }

  /** All entries, bundle by bundle, in order, as views that must not be written to. Throws as `entries` does. */
  async *bundles(): AsyncGenerator<readonly Uint8Array[], void, undefined> {
    const { size } = this;
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      yield unwrap(await this.#bundle(index)).slice(0, size - index * TILE_WIDTH);
    }
  }

  /** Root of the first `size` entries. Fails with E_TREE_RANGE beyond the log. */
  async rootAt(size: number): Promise<Result<Uint8Array>> {
    if (size === 0) return ok(emptyRoot);
    if (!this.#isSize(size)) return this.#noProof(0, size);
    const hashes = await this.#hashes([{ start: 0, end: size }]);
    return hashes.ok ? ok(hashes.value[0] ?? emptyRoot) : hashes;
  }

  /** Proof that entry `index` is in the log of `size` entries, for `verifyInclusion`. Fails with E_TREE_RANGE. */
  async inclusionProof(index: number, size: number): Promise<Result<Uint8Array[]>> {
    const isInside = Number.isSafeInteger(index) && index >= 0 && index < size;
    return isInside && this.#isSize(size)
      ? this.#hashes(inclusionRanges(index, size))
      : this.#noProof(index, size);
  }

  /**
   * Proof that the log of `size2` entries continues that of `size1`, which must not be empty, for `verifyConsistency`.
   * Fails with E_TREE_RANGE.
   */
  async consistencyProof(size1: number, size2: number): Promise<Result<Uint8Array[]>> {
    const isInside = this.#isSize(size1) && this.#isSize(size2) && size1 <= size2;
    return isInside ? this.#hashes(consistencyRanges(size1, size2)) : this.#noProof(size1, size2);
  }

  /** Removes partial files that later appends made superfluous. Call it when the checkpoint of this size is written. */
  async removeSuperseded(which: Superseded): Promise<void> {
    const paths = this.#partials.takeSuperseded(this.size, which);
    if (paths.length > 0) await this.#store.remove(paths);
  }

  #hashes(ranges: readonly LeafRange[]): Promise<Result<Uint8Array[]>> {
    const edge = this.#edge;
    return new TreeHashes((level, index) => this.#tile(edge, level, index)).of(ranges);
  }

  async #tile(edge: TileEdge, level: number, index: number): Promise<Result<readonly Uint8Array[]>> {
    const atEdge = edge.tile(level, index);
    if (atEdge !== undefined) return ok(atEdge);
    const bytes = await this.#read(tilePath(level, index));
    return bytes.ok ? decodeTile(bytes.value, TILE_WIDTH) : bytes;
  }

  async #bundle(index: number): Promise<Result<readonly Uint8Array[]>> {
    const atEdge = this.#edge.bundle(index);
    if (atEdge !== undefined) return ok(atEdge);
    const bytes = await this.#read(entriesPath(index));
    return bytes.ok ? decodeEntryBundle(bytes.value, TILE_WIDTH) : bytes;
  }

  async #read(path: string): Promise<Result<Uint8Array>> {
    const bytes = await this.#store.read(path);
    return bytes === undefined ? fail('E_LOG_FILE_MISSING', { path }) : ok(bytes);
  }

  #isSize(size: number): boolean {
    return Number.isSafeInteger(size) && size > 0 && size <= this.size;
  }

  #noEntry(index: number): Result<never> {
    return fail('E_LOG_NO_ENTRY', { index, size: this.size });
  }

  #noProof(from: number, to: number): Result<never> {
    return fail('E_TREE_RANGE', { from, to, size: this.size });
  }
}
