import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { writeFileDurably } from '@assay/stores/fs/durable-file.ts';
import { DamagedStore } from './sqlite-file.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Recovered } from './store.ts';
import { isWalDamaged } from './wal-file.ts';

const FILE_NAME = 'consensus.db';
/** The database and what SQLite keeps beside it. */
const SUFFIXES = ['', '-wal', '-shm'];
/** Says that this authority had a database: where it stands without one, votes are forgotten. */
const MARK_NAME = 'consensus.began';

/** Whose database is opened, and when. */
export interface OpenOptions {
  readonly identity: string;
  /** The vote keys whose seeds are held, in hexadecimal. */
  readonly heldVoteKeys: readonly string[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** A database and what it holds. */
export interface OpenedStore {
  readonly store: SqliteStore;
  readonly recovered: Recovered;
}

/**
 * Opens the database of an authority, or makes it on its very first start. In place of one that was lost or damaged a new one is
 * begun that says so: whoever may have forgotten a vote must not vote again with its keys (rule W). It may still follow the
 * others from the start. Throws E_CONSENSUS_STATE for a database of another authority.
 */
export async function openStore(
  dataDir: string,
  { identity, heldVoteKeys, now }: OpenOptions,
): Promise<OpenedStore> {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE_NAME);
  const mark = join(dataDir, MARK_NAME);
  const isFirst = !existsSync(mark);
  if (!isFirst && !existsSync(path)) return beginForgetful(path, identity, { fate: 'is gone', heldVoteKeys });
  const opened = openSound(path, identity, isFirst) ?? beginAfresh(path, identity, { now, heldVoteKeys });
  // After the database, so that who is killed in between has lost nothing; before the first vote, so that none is forgotten.
  if (isFirst) await writeFileDurably(mark, utf8(`${identity}\n`));
  return opened;
}

/** Undefined when the database is damaged. */
function openSound(path: string, identity: string, isFirst: boolean): OpenedStore | undefined {
  if (isWalDamaged(`${path}-wal`)) return undefined;
  let store: SqliteStore | undefined;
  try {
    store = new SqliteStore(path, identity, { kind: isFirst ? 'new' : 'lost' });
    return { store, recovered: store.recover() };
  } catch (error) {
    store?.close();
    if (error instanceof DamagedStore) return undefined;
    throw error;
  }
}

function beginAfresh(
  path: string,
  identity: string,
  { now, heldVoteKeys }: Pick<OpenOptions, 'now' | 'heldVoteKeys'>,
): OpenedStore {
  for (const suffix of SUFFIXES) {
    if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${path}.damaged-${now}${suffix}`);
  }
  return beginForgetful(path, identity, { fate: 'was damaged', heldVoteKeys });
}

/** Votes may be forgotten that were made with any key held now; a key made later has signed nothing yet. */
function beginForgetful(
  path: string,
  identity: string,
  { fate, heldVoteKeys }: { fate: string; heldVoteKeys: readonly string[] },
): OpenedStore {
  const reason = `its database ${fate}, so it may have forgotten votes`;
  const store = new SqliteStore(path, identity, {
    kind: 'forgetful',
    amnesia: { reason, keys: heldVoteKeys },
  });
  return { store, recovered: store.recover() };
}
