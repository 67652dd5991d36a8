import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { makeFolderDurably, writeFileDurably } from '@assay/stores/fs/durable-file.ts';

const FILE = 'requester.key';
const OWNER_ONLY = 0o600;

/** The 32-byte seed with which this user signs requests, made on first use and kept in `folder`. */
export async function requesterSeed(folder: string): Promise<Uint8Array> {
  const path = join(folder, FILE);
  try {
    return unwrap(fromHex((await readFile(path, 'utf8')).trim()));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const seed = new Uint8Array(randomBytes(32));
  await makeFolderDurably(folder);
  await writeFileDurably(path, utf8(`${toHex(seed)}\n`), OWNER_ONLY);
  return seed;
}
