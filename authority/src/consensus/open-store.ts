import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedStore, SqliteStore } from './sqlite-store.ts';
import type { Recovered } from './store.ts';
import { isWalDamaged } from './wal-file.ts';

const FILE_NAME = 'consensus.db';
/** The database and what SQLite keeps beside it. */
const SUFFIXES = ['', '-wal', '-shm'];

/**
 * Opens the database of an authority. A damaged one is put aside and a new one begun that says so: whoever may have forgotten a
 * vote must not vote again in this epoch (rule W). It may still follow the others from the start.
 */
export function openStore(
  dataDir: string,
  identity: string,
  now: number,
): { store: SqliteStore; recovered: Recovered } {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  let opened: SqliteStore | undefined;
  try {
    if (isWalDamaged(`${path}-wal`)) throw new DamagedStore('its write-ahead log is damaged in the middle');
    opened = new SqliteStore(path, identity);
    return { store: opened, recovered: opened.recover() };
  } catch (error) {
    opened?.close();
    if (!(error instanceof DamagedStore)) throw error;
    for (const suffix of SUFFIXES) {
      if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${path}.damaged-${now}${suffix}`);
    }
    const store = new SqliteStore(path, identity);
    store.commit([
      { kind: 'amnesia', reason: `its database was damaged (${error.message}), votes may be forgotten` },
    ]);
    return { store, recovered: store.recover() };
  }
}
