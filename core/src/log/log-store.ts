/**
 * Files of one log, by path. The paths are those of C2SP tlog-tiles (`checkpoint`, `tile/0/000`,
 * `tile/entries/000.p/5`) plus `evidence/<sha256 hex>` and `handoff/<epoch>`; see `isLogPath`. A node
 * keeps proofs of its own beside them, see `isKeptPath`. A directory of these files, served as it is,
 * is a valid tlog-tiles log. Methods reject only when the platform under the store fails.
 */
export interface LogStore {
  /** The bytes at `path`, or undefined when there are none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * Writes every file, replacing what was there; durable on return. All or nothing where the platform can; elsewhere
   * each file is replaced whole, in the order of the map, so a file that vouches for others comes last.
   */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Removes files; paths that hold nothing are no error. */
  remove(paths: readonly string[]): Promise<void>;
}

/** Where the newest signed checkpoint stands. */
export const CHECKPOINT_PATH = 'checkpoint';

/** A LogStore that forgets with the process. It keeps and hands out copies, as a disk would. */
export class MemoryLogStore implements LogStore {
  readonly #files = new Map<string, Uint8Array>();

  read(path: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#files.get(path)?.slice());
  }

  write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [path, bytes] of files) this.#files.set(path, bytes.slice());
    return Promise.resolve();
  }

  remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.#files.delete(path);
    return Promise.resolve();
  }

  /** All paths that hold a file, sorted. */
  paths(): string[] {
    return [...this.#files.keys()].toSorted();
  }
}
