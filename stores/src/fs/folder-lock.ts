import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { makeFolderDurably } from './durable-file.ts';

const FILE = 'in-use.lock';

/** A folder that only this process uses, until it lets go of it or ends in whatever way. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes a folder for this process alone; it is made if it is not there. Rejects with `E_FOLDER_IN_USE` when another process has it.
 * SQLite holds the lock with the operating system, so a process that was killed leaves none behind.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await makeFolderDurably(folder);
  const database = new DatabaseSync(join(folder, FILE), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new AssayError('E_FOLDER_IN_USE', { folder }, cause);
  }
  return { release: () => database.close() };
}
