import type { Breathe } from '../breath.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { CHECKPOINT_PATH, type LogStore } from '../log/log-store.ts';
import { leafHashes } from '../log/merkle.ts';
import { readStoredEdge } from '../log/stored-edge.ts';
import { decodeEntryBundle, decodeTile, entriesPath, TILE_WIDTH, tilePath } from '../log/tile.ts';
import { rangeOver, type TileEdge } from '../log/tile-edge.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';

/** A tree head that a quorum has signed. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Entries, and the leaf hash of each. */
export interface HashedEntries {
  readonly entries: readonly Uint8Array[];
  readonly leaves: readonly Uint8Array[];
}

/**
 * The log under one signed root, read from sources that nobody trusts: every tile and bundle is checked against the root
 * before it is given. A source that sends something else, or nothing, is left out from then on and `onRefused` hears why.
 */
export class AuthenticLog {
  readonly #head: TreeHead;
  readonly #staged: LogStore;
  readonly #onRefused: (source: LogSource, error: AssayError) => void;
  readonly #breathe: Breathe;
  #sources: LogSource[];
  #edge: Promise<TileEdge> | undefined;
  /** The full tile read last on each level. */
  readonly #tiles = new Map<number, { index: number; hashes: Promise<readonly Uint8Array[]> }>();

  /** `staged` may hold bundles that an earlier, interrupted run wrote; they are checked like those of any source. */
  constructor(options: {
    head: TreeHead;
    sources: readonly LogSource[];
    staged: LogStore;
    onRefused: (source: LogSource, error: AssayError) => void;
    breathe: Breathe;
  }) {
    this.#head = options.head;
    this.#sources = [...options.sources];
    this.#staged = options.staged;
    this.#onRefused = options.onRefused;
    this.#breathe = options.breathe;
  }

  /** All entries of bundle `index`, as many as the log has there. Throws the last source's error when none is left. */
  async bundle(index: number, signal?: AbortSignal): Promise<HashedEntries> {
    const edge = await this.#openEdge(signal);
    const atEdge = edge.bundle(index);
    if (atEdge !== undefined) return { entries: atEdge, leaves: edge.tile(0, index) ?? leafHashes(atEdge) };
    const expected = await this.#subtree(edge, 1, index, signal);
    await this.#breathe();
    const read = (bytes: Uint8Array): HashedEntries => {
      const entries = unwrap(decodeEntryBundle(bytes, TILE_WIDTH));
      const leaves = leafHashes(entries);
      return this.#insist({ entries, leaves }, rangeOver(leaves).root(), expected);
    };
    const path = entriesPath(index);
    const before = await this.#staged.read(path);
    if (before !== undefined) {
      try {
        return read(before);
      } catch {
        // Left by a run towards another checkpoint, or damaged: the sources have the right one.
      }
    }
    return await this.#fromAnySource(index, signal, async (source) => read(await source.read(path, signal)));
  }

  /** Entries under the root. */
  get size(): number {
    return this.#head.size;
  }

  /** The hashes of tile `index` of `level`, as many as the log has there; none beyond its end. Throws like `bundle`. */
  async hashes(level: number, index: number, signal?: AbortSignal): Promise<readonly Uint8Array[]> {
    const edge = await this.#openEdge(signal);
    const isBeyond = index * TILE_WIDTH >= Math.floor(this.#head.size / TILE_WIDTH ** level);
    return isBeyond ? [] : await this.#tile(edge, level, index, signal);
  }

  #openEdge(signal?: AbortSignal): Promise<TileEdge> {
    this.#edge ??= this.#fromAnySource(0, signal, async (source) => {
      const edge = unwrap(await readStoredEdge(asStore(source, signal), this.#head.size));
      return this.#insist(edge, edge.root(), this.#head.root);
    });
    return this.#edge;
  }

  /** The hash at `position` of a level, checked up to the root. */
  async #subtree(edge: TileEdge, level: number, position: number, signal?: AbortSignal): Promise<Uint8Array> {
    const hashes = await this.#tile(edge, level, Math.floor(position / TILE_WIDTH), signal);
    const hash = hashes[position % TILE_WIDTH];
    if (hash === undefined) throw this.#wrong();
    return hash;
  }

  async #tile(
    edge: TileEdge,
    level: number,
    index: number,
    signal?: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    const atEdge = edge.tile(level, index);
    if (atEdge !== undefined) return atEdge;
    const last = this.#tiles.get(level);
    if (last?.index === index) return await last.hashes;
    const hashes = this.#fetchTile(edge, level, index, signal);
    this.#tiles.set(level, { index, hashes });
    hashes.catch(() => this.#tiles.delete(level));
    return await hashes;
  }

  async #fetchTile(
    edge: TileEdge,
    level: number,
    index: number,
    signal?: AbortSignal,
  ): Promise<readonly Uint8Array[]> {
    const expected = await this.#subtree(edge, level + 1, index, signal);
    return await this.#fromAnySource(index, signal, async (source) => {
      const hashes = unwrap(decodeTile(await source.read(tilePath(level, index), signal), TILE_WIDTH));
      return this.#insist(hashes, rangeOver(hashes).root(), expected);
    });
  }

  /** Tries the sources in turn, beginning with another one for each `turn` so that all have work. */
  async #fromAnySource<T>(
    turn: number,
    signal: AbortSignal | undefined,
    read: (source: LogSource) => Promise<T>,
  ): Promise<T> {
    let lastError = new AssayError('E_SYNC_NO_SOURCE');
    const start = this.#sources.length === 0 ? 0 : turn % this.#sources.length;
    for (const source of [...this.#sources.slice(start), ...this.#sources.slice(0, start)]) {
      if (!this.#sources.includes(source)) continue;
      try {
        return await read(source);
      } catch (cause) {
        throwIfAborted(signal);
        lastError = isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause);
        this.#refuse(source, lastError);
      }
    }
    throw lastError;
  }

  #refuse(source: LogSource, error: AssayError): void {
    if (!this.#sources.includes(source)) return;
    this.#sources = this.#sources.filter((other) => other !== source);
    this.#onRefused(source, error);
  }

  #insist<T>(value: T, found: Uint8Array, expected: Uint8Array): T {
    if (!equalBytes(found, expected)) throw this.#wrong();
    return value;
  }

  #wrong(): AssayError {
    return new AssayError('E_REPLAY_ROOT', { size: this.#head.size });
  }
}

/** What is stored here, read like a source. */
export function asSource(store: Pick<LogStore, 'read'>): LogSource {
  const read = async (path: string): Promise<Uint8Array> => {
    const bytes = await store.read(path);
    if (bytes === undefined) throw new AssayError('E_NOT_FOUND', { what: path });
    return bytes;
  };
  return { id: 'stored here', checkpoint: () => read(CHECKPOINT_PATH), read };
}

/** A source as a store to read from. */
export function asStore(source: LogSource, signal?: AbortSignal): LogStore {
  const readOnly = (): Promise<never> => Promise.reject(new AssayError('E_STORE', { reason: 'read only' }));
  return {
    async read(path) {
      try {
        return await source.read(path, signal);
      } catch (error) {
        if (isAssayError(error) && error.code === 'E_NOT_FOUND') return undefined;
        throw error;
      }
    },
    write: readOnly,
    remove: readOnly,
  };
}
