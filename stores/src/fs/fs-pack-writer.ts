import { constants } from 'node:fs';
import { open, rm, utimes, type FileHandle } from 'node:fs/promises';
import type { Clock } from '@assay/core/clock.ts';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { PackDescription, PackWriterHandle } from '@assay/core/swarm/block-store.ts';
import { checkIndex, checkLength, checkReferences } from '../pack-rules.ts';
import { storeError, storing } from '../store-error.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';
import { decodeHeader, encodeHeader, type PackFiles } from './pack-files.ts';
import { encodeJournal, noteDropped, noteStored, readJournal } from './pack-journal.ts';
import { isThere, readFileIfThere } from './read-file.ts';

/** Blocks are noted in the journal once they were forced to disk: after this many bytes, or this long. A crash costs no more. */
const SYNC_EVERY_BYTES = 4 * 1024 * 1024;
const SYNC_AFTER_MS = 1_000;

export interface FsPackWriterOptions {
  readonly folder: string;
  readonly files: PackFiles;
  readonly description: PackDescription;
  readonly clock: Pick<Clock, 'now'>;
  /** Called when a complete pack has lost a block and is not complete any more. */
  readonly onUnreadable: () => Promise<void>;
  /** Called once, when the handle is closed. */
  readonly onClose: () => void;
}

/** Writes one pack into its file, each block at its place. */
export class FsPackWriter implements PackWriterHandle {
  readonly #options: FsPackWriterOptions;
  readonly #blocks: FileHandle;
  readonly #journal: FileHandle;
  readonly #have: Set<number>;
  /** Stored, but not in the journal yet. */
  #unnoted: number[] = [];
  #lastSync: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #removed = false;
  /** Set when blocks that were taken could not be forced to disk: nobody knows then what is there (fsync says so only once). */
  #failure: AssayError | undefined;

  private constructor(
    options: FsPackWriterOptions,
    blocks: FileHandle,
    journal: FileHandle,
    have: Set<number>,
  ) {
    this.#options = options;
    this.#blocks = blocks;
    this.#journal = journal;
    this.#have = have;
  }

  /** Opens a pack where an earlier run left it. A complete pack has all its blocks and stays readable until one is dropped. */
  static async open(options: FsPackWriterOptions): Promise<FsPackWriter> {
    const { files, description, clock } = options;
    const have = await storedBlocks(files);
    const isComplete = await isThere(files.complete);
    await writeFileDurably(files.journal, encodeJournal(have));
    if (!isComplete) await writeFileDurably(files.begun, encodeHeader(description, 0));
    await utimes(isComplete ? files.complete : files.begun, clock.now(), clock.now());
    const blocks = await open(files.blocks, constants.O_RDWR | constants.O_CREAT);
    const journal = await open(files.journal, 'a');
    return new FsPackWriter(options, blocks, journal, have);
  }

  have(): ReadonlySet<number> {
    return this.#have;
  }

  put(index: number, block: Uint8Array): Promise<void> {
    return storing(async () => {
      const { description } = this.#options;
      this.#checkUsable();
      checkIndex(description, index);
      checkLength(description, block);
      if (this.#have.has(index)) return;
      await this.#blocks.write(block, 0, block.length, index * description.blockSize);
      this.#have.add(index);
      this.#unnoted.push(index);
      if (this.#unnoted.length * description.blockSize >= SYNC_EVERY_BYTES) await this.#sync();
      else this.#timer ??= setTimeout(() => void this.#sync().catch(() => undefined), SYNC_AFTER_MS);
    });
  }

  read(index: number): Promise<Uint8Array | undefined> {
    return storing(async () => {
      if (!this.#have.has(index)) return undefined;
      const { blockSize } = this.#options.description;
      const block = new Uint8Array(blockSize);
      const { bytesRead } = await this.#blocks.read(block, 0, blockSize, index * blockSize);
      return bytesRead === blockSize ? block : undefined;
    });
  }

  drop(index: number): Promise<void> {
    return storing(async () => {
      const { files, folder, description, onUnreadable } = this.#options;
      if (!this.#have.has(index)) return;
      await this.#sync();
      this.#have.delete(index);
      await noteDropped(this.#journal, index);
      await writeFileDurably(files.begun, encodeHeader(description, 0));
      await rm(files.complete, { force: true });
      await syncFolder(folder);
      await onUnreadable();
    });
  }

  commit(references: readonly Uint8Array[]): Promise<void> {
    return storing(async () => {
      const { files, description, clock } = this.#options;
      this.#checkUsable();
      checkReferences(references, this.#have);
      await this.#sync();
      await writeFileDurably(files.references, concatBytes(...references));
      await writeFileDurably(files.complete, encodeHeader(description, references.length));
      await utimes(files.complete, clock.now(), clock.now());
      await rm(files.begun, { force: true });
    });
  }

  /** To be called when the pack's files are removed under the open handle, which is of no use from then on. */
  abandon(): void {
    this.#removed = true;
    this.#have.clear();
    this.#unnoted = [];
  }

  close(): Promise<void> {
    return storing(async () => {
      if (this.#closed) return;
      this.#closed = true;
      const { files, onClose } = this.#options;
      try {
        await this.#sync();
        if (this.#removed || (await isThere(files.complete))) await rm(files.journal, { force: true });
      } finally {
        await Promise.allSettled([this.#blocks.close(), this.#journal.close()]);
        onClose();
      }
    });
  }

  #checkUsable(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#removed) throw new AssayError('E_STORE', { reason: 'the pack was removed meanwhile' });
  }

  /** Forces blocks to disk, then notes them, so that the journal never names a block that is not there. */
  async #sync(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastSync = this.#lastSync.then(async () => {
      const indexes = this.#unnoted;
      if (indexes.length === 0 || this.#failure !== undefined) return;
      this.#unnoted = [];
      try {
        await this.#blocks.datasync();
        await noteStored(this.#journal, indexes);
      } catch (error) {
        this.#failure = storeError(error);
      }
    });
    await this.#lastSync;
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/** The blocks of a pack that are on disk: all of a complete one, else what the journal names. */
export async function storedBlocks(files: PackFiles): Promise<Set<number>> {
  const complete = await readFileIfThere(files.complete);
  if (complete !== undefined) {
    const { blockCount } = unwrap(decodeHeader(complete));
    return new Set(Array.from({ length: blockCount }, (_, index) => index));
  }
  return readJournal((await readFileIfThere(files.journal)) ?? new Uint8Array(0));
}
