import type { Clock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type {
  ArtifactStore,
  PackDescription,
  PackInfo,
  PackWriterHandle,
} from '@assay/core/swarm/block-store.ts';
import { choosePacksToEvict, type QuotaBytes } from '../eviction.ts';
import { LruCache } from '../lru-cache.ts';
import { readReferences } from '../reference-table.ts';
import { storing } from '../store-error.ts';
import { Bitmap } from './bitmap.ts';
import { placeOf } from './block-group.ts';
import type { PackRow, StoreDatabase } from './database.ts';
import { IdbPackWriter } from './idb-pack-writer.ts';

/** Groups kept between reads, 1 MiB each: readers take neighbouring blocks one by one. */
const MAX_CACHED_GROUPS = 4;
const MAX_CACHED_ROWS = 256;
/** Reference tables kept between reads, at most about 1 MiB per 256 MiB of pack each. */
const MAX_CACHED_TABLES = 4;

export interface IdbArtifactStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly quotaBytes?: QuotaBytes;
}

/** Packs in IndexedDB. Several tabs and workers may use one database at the same time. */
export class IdbArtifactStore implements ArtifactStore {
  readonly #database: StoreDatabase;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #quotaBytes: QuotaBytes;
  /** By hex root; undefined while the writer is being opened. */
  readonly #writers = new Map<string, IdbPackWriter | undefined>();
  readonly #groups = new LruCache<string, Uint8Array>(MAX_CACHED_GROUPS);
  readonly #tables = new LruCache<string, ReadonlyMap<string, number>>(MAX_CACHED_TABLES);
  /**
   * Rows of packs that were found complete. What another tab does to a pack is noticed when its groups are read anew: until then at
   * most a few cached megabytes, verified like all others, are given out after their removal.
   */
  readonly #complete = new LruCache<string, PackRow>(MAX_CACHED_ROWS);

  constructor(database: StoreDatabase, { clock, quotaBytes = () => undefined }: IdbArtifactStoreOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#quotaBytes = quotaBytes;
  }

  has(root: Uint8Array): Promise<boolean> {
    return storing(async () => (await this.#row(toHex(root)))?.complete === true);
  }

  info(root: Uint8Array): Promise<PackInfo | undefined> {
    return storing(async () => {
      const row = await this.#row(toHex(root));
      return row === undefined ? undefined : this.#infoOf(row);
    });
  }

  list(): Promise<readonly PackInfo[]> {
    return storing(async () => (await this.#database.getAll('packs')).map((row) => this.#infoOf(row)));
  }

  begin(description: PackDescription): Promise<PackWriterHandle> {
    const name = toHex(description.root);
    return storing(async () => {
      if (this.#writers.has(name)) throw new AssayError('E_STORE_BUSY');
      this.#writers.set(name, undefined);
      try {
        await this.#makeRoom(description);
        const { present } = await this.#openRow(name, description);
        const writer = new IdbPackWriter({
          database: this.#database,
          description,
          have: new Bitmap(present).indexes(),
          clock: this.#clock,
          onChange: () => this.#forget(name),
          onClose: () => this.#writers.delete(name),
        });
        this.#writers.set(name, writer);
        return writer;
      } catch (error) {
        this.#writers.delete(name);
        throw error;
      }
    });
  }

  readBlock(root: Uint8Array, index: number): Promise<Uint8Array | undefined> {
    return storing(async () => {
      const name = toHex(root);
      const row = await this.#completeRow(name);
      if (row === undefined || !new Bitmap(row.present).has(index)) return undefined;
      const { group, offset } = placeOf(index, row.blockSize);
      const bytes = await this.#group(name, group);
      return bytes?.slice(offset, offset + row.blockSize);
    });
  }

  findBlock(root: Uint8Array, reference: Uint8Array): Promise<Uint8Array | undefined> {
    return storing(async () => {
      const index = (await this.#table(toHex(root))).get(toHex(reference));
      return index === undefined ? undefined : await this.readBlock(root, index);
    });
  }

  touch(root: Uint8Array): Promise<void> {
    return this.#change(root, { lastUsed: this.#clock.now() });
  }

  pin(root: Uint8Array, pinned: boolean): Promise<void> {
    return this.#change(root, { pinned });
  }

  remove(root: Uint8Array): Promise<void> {
    const name = toHex(root);
    return storing(async () => {
      this.#writers.get(name)?.abandon();
      this.#forget(name);
      const transaction = this.#database.transaction(['packs', 'groups', 'references'], 'readwrite');
      await Promise.all([
        transaction.objectStore('packs').delete(name),
        transaction.objectStore('groups').delete(IDBKeyRange.bound([name, 0], [name, Infinity])),
        transaction.objectStore('references').delete(name),
        transaction.done,
      ]);
    });
  }

  async usage(): Promise<number> {
    return (await this.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #row(name: string): Promise<PackRow | undefined> {
    return this.#database.get('packs', name);
  }

  async #completeRow(name: string): Promise<PackRow | undefined> {
    const cached = this.#complete.get(name);
    if (cached !== undefined) return cached;
    const row = await this.#row(name);
    if (row?.complete !== true) return undefined;
    this.#complete.set(name, row);
    return row;
  }

  async #openRow(name: string, description: PackDescription): Promise<PackRow> {
    const { root, capability, blockSize, contentSize, purl, name: fileName } = description;
    const fresh: PackRow = {
      root: root.slice(),
      capability: capability.slice(),
      blockSize,
      contentSize,
      purl,
      name: fileName,
      present: new Uint8Array(0),
      complete: false,
      pinned: false,
      lastUsed: 0,
    };
    const transaction = this.#database.transaction('packs', 'readwrite');
    const row = { ...((await transaction.store.get(name)) ?? fresh), lastUsed: this.#clock.now() };
    await Promise.all([transaction.store.put(row, name), transaction.done]);
    return row;
  }

  #change(root: Uint8Array, change: Partial<Pick<PackRow, 'lastUsed' | 'pinned'>>): Promise<void> {
    const name = toHex(root);
    return storing(async () => {
      const transaction = this.#database.transaction('packs', 'readwrite');
      const row = await transaction.store.get(name);
      if (row !== undefined) await transaction.store.put({ ...row, ...change }, name);
      await transaction.done;
    });
  }

  async #group(name: string, group: number): Promise<Uint8Array | undefined> {
    const key = `${name}/${group}`;
    const cached = this.#groups.get(key);
    if (cached !== undefined) return cached;
    const stored = await this.#database.get('groups', [name, group]);
    if (stored !== undefined) this.#groups.set(key, stored);
    return stored;
  }

  async #table(name: string): Promise<ReadonlyMap<string, number>> {
    const cached = this.#tables.get(name);
    if (cached !== undefined) return cached;
    const stored = await this.#database.get('references', name);
    if (stored === undefined) return new Map();
    const table = readReferences(stored);
    this.#tables.set(name, table);
    return table;
  }

  #forget(name: string): void {
    this.#groups.forget((key) => key.startsWith(name));
    this.#tables.forget((key) => key === name);
    this.#complete.forget((key) => key === name);
  }

  #infoOf(row: PackRow): PackInfo {
    const { present, ...info } = row;
    const writer = this.#writers.get(toHex(row.root));
    const blockCount = writer?.have().size ?? new Bitmap(present).size;
    return { ...info, blockCount, bytes: blockCount * row.blockSize };
  }

  async #makeRoom(description: PackDescription): Promise<void> {
    const quota = this.#quotaBytes();
    if (quota === undefined) return;
    const open = new Set(this.#writers.keys());
    for (const { root } of choosePacksToEvict(await this.list(), description, open, quota)) {
      await this.remove(root);
    }
  }
}
