import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** What stands in the database does not hold together: votes may have been lost. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore';
}

/** One row, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is not what SQLite wrote. */
const DAMAGE_CODES: readonly unknown[] = [11, 26];

/**
 * One SQLite file with a write-ahead log and synchronous=FULL: a commit is one fsync, and what was not committed whole is gone
 * after a crash. Damage that SQLite notices is thrown as DamagedStore.
 */
export class SqliteFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, schema: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#noticing(() => {
        this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
        this.#database.exec(schema);
        const check = this.#database.prepare('PRAGMA integrity_check').get();
        if (check?.['integrity_check'] !== 'ok') throw new DamagedStore('its pages do not hold together');
      });
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Runs a statement that gives no rows; tells how many rows it changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#noticing(() => Number(this.#statement(sql).run(...values).changes));
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#noticing(() => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#noticing(() => this.#statement(sql).all(...values));
  }

  /** The rows one by one, so that a large table never stands in memory. */
  *each(sql: string): Generator<Row> {
    const rows = this.#noticing(() => this.#statement(sql).iterate());
    for (
      let next = this.#noticing(() => rows.next());
      next.done !== true;
      next = this.#noticing(() => rows.next())
    ) {
      yield next.value;
    }
  }

  /** Does all of `work` or nothing; durable on return. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  #noticing<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
      throw DAMAGE_CODES.includes(code) ? new DamagedStore(String(error)) : error;
    }
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    try {
      const prepared = this.#database.prepare(sql);
      this.#statements.set(sql, prepared);
      return prepared;
    } catch (error) {
      // Our own statements fit our own tables: where they do not, the tables are not what they were.
      throw new DamagedStore(String(error));
    }
  }
}
