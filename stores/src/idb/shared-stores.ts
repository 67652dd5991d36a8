import { AssayError } from '@assay/core/errors/assay-error.ts';
import { CHECKPOINT_PATH, type LogStore } from '@assay/core/log/log-store.ts';
import { isKeptPath, parseTilePath, TILE_WIDTH } from '@assay/core/log/tile.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import type { Anchor, AnchorStore, NodeStores } from '@assay/core/node/stores.ts';

/**
 * The stores of one reader among many: every tab and the service worker of an origin share one log, and one of them at a time
 * writes it. The others follow: `source` is the shared log as a source to sync from, so that each replays and checks by itself
 * what the writer stored, and what a follower would write stays in its memory.
 */
export interface SharedStores extends NodeStores {
  /** The shared log; never asked over the network. */
  readonly source: LogSource;
  /** From now on this is the writer. To be called by whoever holds the lock, after a sync from `source`. */
  startWriting(): void;
  /** To be called before the lock is given back. */
  stopWriting(): void;
}

/** Whoever holds this lock of the browser is the one that writes the shared log. */
export const WRITER_LOCK = 'assay-writer';

/** Wraps the stores that an origin shares. */
export function shareStores(shared: NodeStores): SharedStores {
  const log = new FollowingLogStore(shared.log);
  const anchors = new FollowingAnchorStore(shared.anchors);
  const setWriting = (writing: boolean): void => {
    log.writing = writing;
    anchors.writing = writing;
  };
  return {
    artifacts: shared.artifacts,
    log,
    anchors,
    source: sharedLogSource(shared),
    startWriting: () => setWriting(true),
    stopWriting: () => setWriting(false),
  };
}

/** The shared log; attestations, which are stored only when somebody looks at them, also come from the mirrors. */
export function withEvidenceOf(shared: LogSource, mirrors: () => readonly LogSource[]): LogSource {
  return {
    ...shared,
    async read(path, signal) {
      if (!path.startsWith('evidence/')) return await shared.read(path, signal);
      for (const mirror of mirrors()) {
        const bytes = await mirror.read(path, signal).catch(() => undefined);
        if (bytes !== undefined) return bytes;
      }
      return await shared.read(path, signal);
    },
  };
}

/**
 * Evidence bundles, named by their hash, hand-offs, which say the same to all, and the proofs of held packs are stored by everybody. Partial tiles are kept in memory besides, because the writer
 * removes those of a size that a follower still stands on.
 */
class FollowingLogStore implements LogStore {
  writing = false;
  readonly #shared: LogStore;
  readonly #partial = new Map<string, Uint8Array>();

  constructor(shared: LogStore) {
    this.#shared = shared;
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const own = this.#partial.get(path);
    if (own !== undefined) return own.slice();
    const bytes = await this.#shared.read(path);
    if (bytes !== undefined && isPartial(path)) this.#partial.set(path, bytes.slice());
    return bytes;
  }

  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const kept = [...files].filter(([path]) => this.writing || isShared(path));
    if (kept.length > 0) await this.#shared.write(new Map(kept));
    for (const [path, bytes] of files) if (isPartial(path)) this.#partial.set(path, bytes.slice());
  }

  async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#partial.delete(path);
    const removed = paths.filter((path) => this.writing || isKeptPath(path));
    if (removed.length > 0) await this.#shared.remove(removed);
  }
}

class FollowingAnchorStore implements AnchorStore {
  writing = false;
  readonly #shared: AnchorStore;

  constructor(shared: AnchorStore) {
    this.#shared = shared;
  }

  load(): Promise<Anchor | undefined> {
    return this.#shared.load();
  }

  async save(anchor: Anchor): Promise<void> {
    if (this.writing) await this.#shared.save(anchor);
  }
}

function sharedLogSource(shared: NodeStores): LogSource {
  const missing = (what: string): AssayError => new AssayError('E_NOT_FOUND', { what });
  return {
    id: 'this browser',
    own: true,
    async checkpoint() {
      const anchor = await shared.anchors.load();
      if (anchor === undefined) throw missing(CHECKPOINT_PATH);
      return anchor.checkpoint;
    },
    async read(path) {
      const bytes = await shared.log.read(path);
      if (bytes === undefined) throw missing(path);
      return bytes;
    },
  };
}

/** Whether a file says the same whoever writes it, or is checked anew by all who read it. */
function isShared(path: string): boolean {
  return /^(?:evidence|handoff)\//.test(path) || isKeptPath(path);
}

function isPartial(path: string): boolean {
  const tile = parseTilePath(path);
  return tile.ok && tile.value.width < TILE_WIDTH;
}
