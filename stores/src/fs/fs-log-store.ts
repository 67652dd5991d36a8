import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import { isKeptPath, isLogPath } from '@assay/core/log/tile.ts';
import { storing } from '../store-error.ts';
import { syncFolder, writeFileDurably } from './durable-file.ts';
import { isMissing, readFileIfThere } from './read-file.ts';

/**
 * A log in a folder of plain files, which any static web server could serve as a C2SP tlog-tiles log. Files are replaced
 * whole, each durable before the next one is begun. To be written by one process at a time.
 */
export class FsLogStore implements LogStore {
  readonly #folder: string;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(path: string): Promise<Uint8Array | undefined> {
    return storing(async () => await readFileIfThere(this.#pathOf(path)));
  }

  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const copies = [...files].map(([path, bytes]) => [this.#pathOf(path), bytes.slice()] as const);
    await this.#inTurn(async () => {
      for (const [path, bytes] of copies) await writeFileDurably(path, bytes);
    });
  }

  async remove(paths: readonly string[]): Promise<void> {
    const files = paths.map((path) => this.#pathOf(path));
    await this.#inTurn(async () => {
      for (const file of files) await rm(file, { force: true });
      for (const folder of new Set(files.map(dirname))) await syncFolder(folder).catch(ignoreMissing);
    });
  }

  /** One write after the other, so that the later one wins; a failed write does not stop the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastWrite.then(() => storing(work));
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }

  #pathOf(path: string): string {
    if (!isLogPath(path) && !isKeptPath(path))
      throw new AssayError('E_STORE', { reason: `"${path}" is no path of a log` });
    return join(this.#folder, path);
  }
}

function ignoreMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
