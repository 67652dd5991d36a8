import { link, open, rm, type FileHandle } from 'node:fs/promises';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { writeFileDurably } from '@assay/stores/fs/durable-file.ts';

/** Mode of files that hold secrets: their owner alone reads and writes them. */
const OWNER_ONLY = 0o600;

/** Writes a file that only its owner may read: whole or not at all, and never over another. Throws `E_AUTHORITY_EXISTS`. */
export async function createSecretFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'wx', OWNER_ONLY);
  try {
    await file.writeFile(content);
    await file.sync();
    await link(temporary, path);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw isThere ? new AssayError('E_AUTHORITY_EXISTS', { file: path }, cause) : cause;
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

/**
 * Puts new content in the place of a secret file's, durably, and then overwrites the bytes that were there before: what was left
 * out of the new content is not to be found in freed blocks. Storage that never writes in place may keep copies all the same.
 */
export async function replaceSecretFile(path: string, content: string): Promise<void> {
  const before = await open(path, 'r+');
  try {
    await writeFileDurably(path, Buffer.from(content), OWNER_ONLY);
    await overwrite(before);
  } finally {
    await before.close();
  }
}

async function overwrite(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  await file.write(new Uint8Array(size), 0, size, 0);
  await file.sync();
}
