import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { AssayError, type WireError } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';

/** A request as it was taken in. */
export interface StoredRequest {
  readonly id: string;
  /** The encoded SignedRequest. */
  readonly bytes: Uint8Array;
  /** Unix seconds. */
  readonly received: number;
  /** With a version; absent until it was resolved. */
  readonly purl?: string;
  /** Which try at the purl answers it. */
  readonly attempt?: number;
  /** Why it could not be resolved. */
  readonly error?: WireError;
}

/** What is kept of the work on one package version. */
export interface StoredJob {
  readonly purl: string;
  /** Counts the tries, from 1. */
  readonly attempt: number;
  /** Id of the newest request that this try answers. */
  readonly request: string;
  /** This authority's own signed answer. */
  readonly envelope?: Uint8Array;
  /** CBOR of this authority's own proposal. */
  readonly proposal?: Uint8Array;
  /** Unix seconds. */
  readonly opened: number;
  readonly settled?: number;
  /** How it ended. */
  readonly progress?: RequestProgress;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS requests (
    id TEXT PRIMARY KEY, bytes BLOB NOT NULL, received INTEGER NOT NULL,
    purl TEXT, attempt INTEGER, error TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS requests_by_purl ON requests (purl, attempt);
  CREATE TABLE IF NOT EXISTS jobs (
    purl TEXT PRIMARY KEY, attempt INTEGER NOT NULL, request TEXT NOT NULL, envelope BLOB, proposal BLOB,
    opened INTEGER NOT NULL, settled INTEGER, progress TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS jobs_by_end ON jobs (settled);
`;

/** Requests and jobs on disk. Every change is there after a crash once its method has returned. Throws `E_STORE`. */
export class IntakeStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the database; `:memory:` forgets with the process. */
  constructor(path: string) {
    this.#database = storing(() => {
      const database = new DatabaseSync(path);
      database.exec(SCHEMA);
      return database;
    });
  }

  addRequest({ id, bytes, received }: Pick<StoredRequest, 'id' | 'bytes' | 'received'>): void {
    this.#run('INSERT INTO requests (id, bytes, received) VALUES (?, ?, ?)', id, bytes, received);
  }

  /** Notes which package version, and which try at it, a request is about. */
  assignRequest(id: string, purl: string, attempt: number): void {
    this.#run('UPDATE requests SET purl = ?, attempt = ?, error = NULL WHERE id = ?', purl, attempt, id);
  }

  failRequest(id: string, error: WireError): void {
    this.#run('UPDATE requests SET error = ? WHERE id = ?', JSON.stringify(error), id);
  }

  request(id: string): StoredRequest | undefined {
    const [row] = this.#rows('SELECT * FROM requests WHERE id = ?', id);
    return row && requestOf(row);
  }

  /** Requests that wait for their version to be found out. */
  unresolved(): StoredRequest[] {
    return this.#rows('SELECT * FROM requests WHERE purl IS NULL AND error IS NULL ORDER BY received').map(
      requestOf,
    );
  }

  /** Ids of the requests that one try at a purl answers. */
  requestsOf(purl: string, attempt: number): string[] {
    const sql = 'SELECT id FROM requests WHERE purl = ? AND attempt = ? ORDER BY received';
    return this.#rows(sql, purl, attempt).map(({ id }) => String(id));
  }

  /** Stores a job as it is now, in place of what was stored of its purl. */
  saveJob({ purl, attempt, request, envelope, proposal, opened, settled, progress }: StoredJob): void {
    this.#run(
      'INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      purl,
      attempt,
      request,
      envelope ?? null,
      proposal ?? null,
      opened,
      settled ?? null,
      progress === undefined ? null : JSON.stringify(progress),
    );
  }

  job(purl: string): StoredJob | undefined {
    const [row] = this.#rows('SELECT * FROM jobs WHERE purl = ?', purl);
    return row && jobOf(row);
  }

  /** Jobs that have not ended, oldest first. */
  openJobs(): StoredJob[] {
    return this.#rows('SELECT * FROM jobs WHERE settled IS NULL ORDER BY opened, rowid').map(jobOf);
  }

  /** Forgets what ended before `before` (unix seconds) and, of the rest, all but the `keep` newest; with their requests. */
  forget(before: number, keep: number): void {
    this.#run(
      `DELETE FROM jobs WHERE settled IS NOT NULL AND (settled < ? OR purl NOT IN
        (SELECT purl FROM jobs WHERE settled IS NOT NULL ORDER BY settled DESC LIMIT ?))`,
      before,
      keep,
    );
    this.#run(
      `DELETE FROM requests WHERE received < ? AND (error IS NOT NULL OR
        (purl IS NOT NULL AND purl NOT IN (SELECT purl FROM jobs WHERE settled IS NULL)))`,
      before,
    );
  }

  /** Makes all changes of `work` durable together: all of them or, if it throws, none, and with one wait for the disk. */
  atomically<T>(work: () => T): T {
    if (this.#database.isTransaction) return work();
    this.#run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#run('COMMIT');
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#run('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #run(sql: string, ...values: Value[]): void {
    storing(() => this.#prepared(sql).run(...values));
  }

  #rows(sql: string, ...values: Value[]): Row[] {
    return storing(() => this.#prepared(sql).all(...values));
  }

  #prepared(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

type Value = string | number | Uint8Array | null;
type Row = ReturnType<StatementSync['all']>[number];

function requestOf(row: Row): StoredRequest {
  const { purl, attempt, error } = row;
  return {
    id: String(row['id']),
    bytes: row['bytes'] as Uint8Array,
    received: Number(row['received']),
    ...(purl === null ? {} : { purl: String(purl), attempt: Number(attempt) }),
    ...(error === null ? {} : { error: JSON.parse(String(error)) as WireError }),
  };
}

function jobOf(row: Row): StoredJob {
  const { envelope, proposal, settled, progress } = row;
  return {
    purl: String(row['purl']),
    attempt: Number(row['attempt']),
    request: String(row['request']),
    opened: Number(row['opened']),
    ...(envelope instanceof Uint8Array ? { envelope } : {}),
    ...(proposal instanceof Uint8Array ? { proposal } : {}),
    ...(settled === null ? {} : { settled: Number(settled) }),
    ...(progress === null ? {} : { progress: JSON.parse(String(progress)) as RequestProgress }),
  };
}

function storing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError('E_STORE', { reason }, cause);
  }
}
