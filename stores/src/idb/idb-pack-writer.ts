import type { Clock } from '@assay/core/clock.ts';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { PackDescription, PackWriterHandle } from '@assay/core/swarm/block-store.ts';
import { checkIndex, checkLength, checkReferences } from '../pack-rules.ts';
import { storeError, storing } from '../store-error.ts';
import { Bitmap } from './bitmap.ts';
import { BlockGroup, GROUP_BYTES, placeOf } from './block-group.ts';
import type { PackRow, StoreDatabase } from './database.ts';

/** A group that is not full is written after this long, so that a reload costs no more than that. */
const WRITE_AFTER_MS = 1_000;
/** Groups that are not full wait in memory, 1 MiB each, while blocks come from as many places. */
const MAX_WAITING_GROUPS = 8;

export interface IdbPackWriterOptions {
  readonly database: StoreDatabase;
  readonly description: PackDescription;
  /** Numbers of the blocks that are stored already. */
  readonly have: Iterable<number>;
  readonly clock: Pick<Clock, 'now'>;
  /** Called when stored blocks were replaced or dropped. */
  readonly onChange: () => void;
  /** Called once, when the handle is closed. */
  readonly onClose: () => void;
}

/**
 * Writes one pack in groups of blocks. Another tab may write the same pack: groups are merged with what is stored, and a
 * pack that was completed there is left alone.
 */
export class IdbPackWriter implements PackWriterHandle {
  readonly #options: IdbPackWriterOptions;
  readonly #name: string;
  readonly #have: Set<number>;
  /** Not written yet, in the order of their first block. */
  #waiting = new Map<number, BlockGroup>();
  #lastWrite: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The stored group that was read last: packs are read block by block, and each group is 1 MiB. */
  #lastRead: { readonly group: number; readonly bytes: Uint8Array } | undefined;
  /** Set when blocks that were taken could not be written. */
  #failure: AssayError | undefined;
  #closed = false;

  constructor(options: IdbPackWriterOptions) {
    this.#options = options;
    this.#name = toHex(options.description.root);
    this.#have = new Set(options.have);
  }

  have(): ReadonlySet<number> {
    return this.#have;
  }

  put(index: number, block: Uint8Array): Promise<void> {
    return storing(async () => {
      const { description } = this.#options;
      this.#throwFailure();
      checkIndex(description, index);
      checkLength(description, block);
      if (this.#have.has(index)) return;
      const { group: number } = placeOf(index, description.blockSize);
      const group = this.#waiting.get(number) ?? new BlockGroup(description, number);
      this.#waiting.set(number, group);
      group.put(index, block);
      this.#have.add(index);
      if (group.full) await this.#write([group]);
      else if (this.#waiting.size > MAX_WAITING_GROUPS)
        await this.#write([...this.#waiting.values()].slice(0, 1));
      else this.#timer ??= setTimeout(() => void this.#writeAll().catch(() => undefined), WRITE_AFTER_MS);
    });
  }

  read(index: number): Promise<Uint8Array | undefined> {
    return storing(async () => {
      const { blockSize } = this.#options.description;
      if (!this.#have.has(index)) return undefined;
      const { group, offset } = placeOf(index, blockSize);
      const waiting = this.#waiting.get(group)?.read(index);
      if (waiting !== undefined) return waiting;
      await this.#lastWrite;
      const stored = await this.#storedGroup(group);
      return stored?.slice(offset, offset + blockSize);
    });
  }

  drop(index: number): Promise<void> {
    return storing(async () => {
      if (!this.#have.has(index)) return;
      await this.#writeAll();
      const transaction = this.#options.database.transaction(['packs', 'references'], 'readwrite');
      const packs = transaction.objectStore('packs');
      const row = checkRow(await packs.get(this.#name));
      const present = new Bitmap(row.present);
      present.delete(index);
      await Promise.all([
        packs.put({ ...row, present: present.bytes, complete: false }, this.#name),
        transaction.objectStore('references').delete(this.#name),
        transaction.done,
      ]);
      this.#have.delete(index);
      this.#options.onChange();
    });
  }

  commit(references: readonly Uint8Array[]): Promise<void> {
    return storing(async () => {
      checkReferences(references, this.#have);
      await this.#writeAll();
      const { database, clock } = this.#options;
      const transaction = database.transaction(['packs', 'references'], 'readwrite', {
        durability: 'strict',
      });
      const packs = transaction.objectStore('packs');
      const row = checkRow(await packs.get(this.#name));
      await Promise.all([
        packs.put({ ...row, complete: true, lastUsed: clock.now() }, this.#name),
        transaction.objectStore('references').put(concatBytes(...references), this.#name),
        transaction.done,
      ]);
    });
  }

  /** To be called when the pack is removed under the open handle, which is of no use from then on. */
  abandon(): void {
    this.#failure = removedError();
    this.#waiting.clear();
    this.#have.clear();
    this.#lastRead = undefined;
  }

  close(): Promise<void> {
    return storing(async () => {
      if (this.#closed) return;
      this.#closed = true;
      try {
        if (this.#failure === undefined) await this.#writeAll();
      } finally {
        clearTimeout(this.#timer);
        this.#options.onClose();
      }
    });
  }

  async #storedGroup(group: number): Promise<Uint8Array | undefined> {
    if (this.#lastRead?.group === group) return this.#lastRead.bytes;
    const bytes = await this.#options.database.get('groups', [this.#name, group]);
    this.#lastRead = bytes && { group, bytes };
    return bytes;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#write([...this.#waiting.values()]);
    await this.#lastWrite;
    this.#throwFailure();
  }

  /** Writes groups after those before them. Blocks that could not be written are not had, and the handle fails from then on. */
  async #write(groups: readonly BlockGroup[]): Promise<void> {
    for (const { group } of groups) this.#waiting.delete(group);
    this.#lastWrite = this.#lastWrite.then(async () => {
      if (groups.length === 0 || this.#failure !== undefined) return;
      try {
        await this.#store(groups);
      } catch (error) {
        for (const index of groups.flatMap(({ indexes }) => [...indexes])) this.#have.delete(index);
        this.#failure ??= writeError(error, groups.length);
      }
    });
    await this.#lastWrite;
    this.#throwFailure();
  }

  async #store(groups: readonly BlockGroup[]): Promise<void> {
    const { database, description, onChange } = this.#options;
    const transaction = database.transaction(['packs', 'groups'], 'readwrite', { durability: 'relaxed' });
    const packs = transaction.objectStore('packs');
    const values = transaction.objectStore('groups');
    const row = checkRow(await packs.get(this.#name));
    if (row.complete) return;
    const present = new Bitmap(row.present);
    const storedIn = new Set(
      [...present.indexes()].map((index) => placeOf(index, description.blockSize).group),
    );
    for (const block of groups) {
      const key: [string, number] = [this.#name, block.group];
      const stored = storedIn.has(block.group) ? await values.get(key) : undefined;
      void values.put(block.over(stored), key).catch(() => undefined);
      for (const index of block.indexes) present.add(index);
    }
    void packs.put({ ...row, present: present.bytes }, this.#name).catch(() => undefined);
    await transaction.done;
    this.#lastRead = undefined;
    onChange();
  }
}

function checkRow(row: PackRow | undefined): PackRow {
  if (row === undefined) throw removedError();
  return row;
}

function removedError(): AssayError {
  return new AssayError('E_STORE', { reason: 'the pack was removed meanwhile' });
}

function writeError(error: unknown, groups: number): AssayError {
  const isFull = error instanceof DOMException && error.name === 'QuotaExceededError';
  return isFull
    ? new AssayError('E_STORE_FULL', { need: groups * GROUP_BYTES, have: 0 }, error)
    : storeError(error);
}
