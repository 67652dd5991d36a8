import type { LogStore } from '@assay/core/log/log-store.ts';
import { storing } from '../store-error.ts';
import type { StoreDatabase } from './database.ts';

/** A log in IndexedDB. Each write is one transaction: all of its files or none. */
export class IdbLogStore implements LogStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return storing(() => this.#database.get('log', path));
  }

  write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    return storing(async () => {
      if (files.size === 0) return;
      const transaction = this.#database.transaction('log', 'readwrite', { durability: 'strict' });
      const puts = [...files].map(([path, bytes]) => transaction.store.put(bytes.slice(), path));
      await Promise.all([...puts, transaction.done]);
    });
  }

  remove(paths: readonly string[]): Promise<void> {
    return storing(async () => {
      if (paths.length === 0) return;
      const transaction = this.#database.transaction('log', 'readwrite');
      const deletions = paths.map((path) => transaction.store.delete(path));
      await Promise.all([...deletions, transaction.done]);
    });
  }

  /** Bytes of all files. */
  usage(): Promise<number> {
    return storing(async () => {
      let bytes = 0;
      const { store } = this.#database.transaction('log');
      for (let cursor = await store.openCursor(); cursor !== null; cursor = await cursor.continue()) {
        bytes += cursor.value.length;
      }
      return bytes;
    });
  }
}
