import { readdir, rm, stat, utimes } from 'node:fs/promises';
import type { Clock } from '@assay/core/clock.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type {
  ArtifactStore,
  PackDescription,
  PackInfo,
  PackWriterHandle,
} from '@assay/core/swarm/block-store.ts';
import { choosePacksToEvict, type QuotaBytes } from '../eviction.ts';
import { storing } from '../store-error.ts';
import { makeFolderDurably, syncFolder, writeFileDurably } from './durable-file.ts';
import { FsPackWriter, storedBlocks } from './fs-pack-writer.ts';
import { OpenPacks, type ReadablePack } from './open-packs.ts';
import { decodeHeader, packFiles, rootsIn, type PackFiles } from './pack-files.ts';
import { isMissing, isThere, readFileIfThere } from './read-file.ts';

/** Bytes read from disk at a time when a range is read. */
const RANGE_CHUNK_BYTES = 256 * 1024;

export interface FsArtifactStoreOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly quotaBytes?: QuotaBytes;
}

/** Packs in a folder: one file each, with small files beside it. To be used by one process at a time. */
export class FsArtifactStore implements ArtifactStore {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #quotaBytes: QuotaBytes;
  readonly #open = new OpenPacks();
  /** By hex root; undefined while the writer is being opened. */
  readonly #writers = new Map<string, FsPackWriter | undefined>();

  constructor(folder: string, { clock, quotaBytes = () => undefined }: FsArtifactStoreOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#quotaBytes = quotaBytes;
  }

  has(root: Uint8Array): Promise<boolean> {
    return storing(() => isThere(this.#files(root).complete));
  }

  info(root: Uint8Array): Promise<PackInfo | undefined> {
    return storing(async () => {
      const files = this.#files(root);
      const complete = await readFileIfThere(files.complete);
      const stored = complete ?? (await readFileIfThere(files.begun));
      if (stored === undefined) return undefined;
      const { blockCount: all, ...description } = unwrap(decodeHeader(stored));
      const isComplete = complete !== undefined;
      const blockCount = isComplete ? all : await this.#countStored(root, files);
      const { mtimeMs } = await stat(isComplete ? files.complete : files.begun);
      return {
        ...description,
        blockCount,
        bytes: blockCount * description.blockSize,
        complete: isComplete,
        pinned: await isThere(files.pin),
        lastUsed: Math.floor(mtimeMs / 1000),
      };
    });
  }

  list(): Promise<readonly PackInfo[]> {
    return storing(async () => {
      const infos: PackInfo[] = [];
      for (const name of rootsIn(await namesIn(this.#folder))) {
        const info = await this.info(unwrap(fromHex(name)));
        if (info !== undefined) infos.push(info);
      }
      return infos;
    });
  }

  begin(description: PackDescription): Promise<PackWriterHandle> {
    const name = toHex(description.root);
    return storing(async () => {
      if (this.#writers.has(name)) throw new AssayError('E_STORE_BUSY');
      this.#writers.set(name, undefined);
      try {
        await makeFolderDurably(this.#folder);
        await this.#makeRoom(description);
        const writer = await FsPackWriter.open({
          folder: this.#folder,
          files: this.#files(description.root),
          description,
          clock: this.#clock,
          onUnreadable: () => this.#open.forget(name),
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
    return this.#use(root, (pack) => readBlock(pack, index));
  }

  findBlock(root: Uint8Array, reference: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#use(root, async (pack) => {
      const index = (await pack.indexes()).get(toHex(reference));
      return index === undefined ? undefined : await readBlock(pack, index);
    });
  }

  /** Bytes `[from, to)` of a complete pack, in chunks of at most 256 KiB; nothing when there is no such pack. */
  async *readRange(root: Uint8Array, from: number, to: number): AsyncGenerator<Uint8Array> {
    for (let offset = from; offset < to;) {
      const length = Math.min(RANGE_CHUNK_BYTES, to - offset);
      const chunk = await this.#use(root, (pack) => readAt(pack, offset, length));
      if (chunk === undefined || chunk.length === 0) return;
      yield chunk;
      offset += chunk.length;
    }
  }

  /** The concatenated references of a complete pack, in pack order; undefined when there is no such pack. */
  references(root: Uint8Array): Promise<Uint8Array | undefined> {
    return storing(async () => {
      const { complete, references } = this.#files(root);
      return (await isThere(complete)) ? await readFileIfThere(references) : undefined;
    });
  }

  touch(root: Uint8Array): Promise<void> {
    return storing(async () => {
      const { complete, begun } = this.#files(root);
      const now = this.#clock.now();
      for (const path of [complete, begun]) if (await isThere(path)) await utimes(path, now, now);
    });
  }

  pin(root: Uint8Array, pinned: boolean): Promise<void> {
    return storing(async () => {
      const { pin } = this.#files(root);
      if ((await this.info(root)) === undefined) return;
      if (pinned) await writeFileDurably(pin, new Uint8Array(0));
      else await this.#delete([pin]);
    });
  }

  remove(root: Uint8Array): Promise<void> {
    const name = toHex(root);
    return storing(async () => {
      const { complete, begun, references, journal, blocks, pin } = this.#files(root);
      this.#writers.get(name)?.abandon();
      await this.#open.forget(name);
      await this.#delete([complete, begun]);
      await this.#delete([references, journal, blocks, pin]);
    });
  }

  async usage(): Promise<number> {
    return (await this.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Lets go of open files. */
  close(): Promise<void> {
    return this.#open.close();
  }

  #files(root: Uint8Array): PackFiles {
    return packFiles(this.#folder, root);
  }

  #use<T>(root: Uint8Array, work: (pack: ReadablePack) => Promise<T>): Promise<T | undefined> {
    return storing(() => this.#open.use(toHex(root), this.#files(root), work));
  }

  async #countStored(root: Uint8Array, files: PackFiles): Promise<number> {
    return (this.#writers.get(toHex(root))?.have() ?? (await storedBlocks(files))).size;
  }

  async #makeRoom(description: PackDescription): Promise<void> {
    const quota = this.#quotaBytes();
    if (quota === undefined) return;
    const open = new Set(this.#writers.keys());
    for (const { root } of choosePacksToEvict(await this.list(), description, open, quota)) {
      await this.remove(root);
    }
  }

  async #delete(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(path, { force: true });
    await syncFolder(this.#folder).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}

async function readBlock(pack: ReadablePack, index: number): Promise<Uint8Array | undefined> {
  const { blockSize, blockCount } = pack.header;
  if (!Number.isInteger(index) || index < 0 || index >= blockCount) return undefined;
  const block = await readAt(pack, index * blockSize, blockSize);
  return block.length === blockSize ? block : undefined;
}

async function readAt({ blocks }: ReadablePack, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await blocks.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
