import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** About what an authority keeps with a vote: the vote, certificates and a block body. */
const VALUE_BYTES = 4096;

/** The smallest durable thing an authority does: one commit to a database of its own kind, which is one fsync. */
export class SqliteCommits {
  readonly #folder = mkdtempSync(join(tmpdir(), 'assay-bench-commit-'));
  readonly #database = new DatabaseSync(join(this.#folder, 'bench.db'));

  constructor() {
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    this.#database.exec('CREATE TABLE journal (seq INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT');
  }

  commit(): void {
    this.#database.prepare('INSERT INTO journal (value) VALUES (?)').run(new Uint8Array(VALUE_BYTES));
  }

  close(): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true });
  }
}
