import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { parseCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { parseNote } from '@assay/core/log/note.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { FsLogStore } from '@assay/stores/fs/fs-log-store.ts';

/** The tree head an authority has published, its root computed anew from the tiles on its disk. */
export async function publishedTree(
  folder: string,
): Promise<{ readonly size: number; readonly root: string }> {
  const note = new Uint8Array(await readFile(join(folder, 'log', 'checkpoint')));
  const { size, root } = unwrap(parseCheckpointBody(unwrap(parseNote(note)).text));
  const log = unwrap(await TiledLog.open(new FsLogStore(join(folder, 'log')), size, { verifyRoot: root }));
  return { size, root: toHex(log.root()) };
}

/** Names of the contradictions that an authority has seen somebody sign. Empty when nobody voted twice. */
export function doubleSignings(folder: string): readonly string[] {
  const database = new DatabaseSync(join(folder, 'consensus.db'), { readOnly: true });
  try {
    return database
      .prepare('SELECT name FROM evidence')
      .all()
      .map(({ name }) => String(name));
  } finally {
    database.close();
  }
}

/** Files of a folder and all below it. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder, { recursive: true });
}
