import { open, type FileHandle } from 'node:fs/promises';
import { unwrap } from '@assay/core/errors/result.ts';
import { readReferences } from '../reference-table.ts';
import { decodeHeader, type PackFiles, type PackHeader } from './pack-files.ts';
import { readFileIfThere } from './read-file.ts';

/** Complete packs kept open between reads: one file descriptor and at most 1 MiB of references per 256 MiB each. */
const MAX_OPEN_PACKS = 16;

/** A complete pack open for reading. */
export interface ReadablePack {
  readonly header: PackHeader;
  readonly blocks: FileHandle;
  /** Number of each block by the hex of its reference. Read when first asked for. */
  indexes(): Promise<ReadonlyMap<string, number>>;
}

interface Entry {
  readonly pack: Promise<ReadablePack | undefined>;
  users: number;
  retired: boolean;
}

/** Keeps the packs read last open; closes each when it is neither wanted nor in use. */
export class OpenPacks {
  /** By hex root, in order of use, least lately first. */
  readonly #entries = new Map<string, Entry>();

  /** Runs `work` on a complete pack, or gives undefined when there is no such pack. */
  async use<T>(
    name: string,
    files: PackFiles,
    work: (pack: ReadablePack) => Promise<T>,
  ): Promise<T | undefined> {
    const entry = this.#entries.get(name) ?? { pack: openPack(files), users: 0, retired: false };
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    entry.users++;
    try {
      const pack = await entry.pack;
      if (pack !== undefined) return await work(pack);
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
      return undefined;
    } catch (error) {
      this.forget(name);
      throw error;
    } finally {
      entry.users--;
      await closeIfUnused(entry);
      await this.#makeRoom();
    }
  }

  /** To be called when a pack's files change or go. */
  forget(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    if (entry === undefined) return Promise.resolve();
    entry.retired = true;
    return closeIfUnused(entry);
  }

  async close(): Promise<void> {
    for (const name of this.#entries.keys()) await this.forget(name);
  }

  async #makeRoom(): Promise<void> {
    for (const name of [...this.#entries.keys()].slice(0, Math.max(0, this.#entries.size - MAX_OPEN_PACKS))) {
      await this.forget(name);
    }
  }
}

async function closeIfUnused({ pack, users, retired }: Entry): Promise<void> {
  if (!retired || users > 0) return;
  await (await pack.catch(() => undefined))?.blocks.close();
}

async function openPack(files: PackFiles): Promise<ReadablePack | undefined> {
  const stored = await readFileIfThere(files.complete);
  if (stored === undefined) return undefined;
  const header = unwrap(decodeHeader(stored));
  const blocks = await open(files.blocks, 'r');
  let indexes: Promise<ReadonlyMap<string, number>> | undefined;
  return { header, blocks, indexes: () => (indexes ??= readIndexes(files)) };
}

async function readIndexes(files: PackFiles): Promise<ReadonlyMap<string, number>> {
  return readReferences((await readFileIfThere(files.references)) ?? new Uint8Array(0));
}
