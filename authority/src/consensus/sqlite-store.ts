import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Reader } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { blockToCbor, readBlock, type Block } from './block.ts';
import type { FinalBlock, Write } from './events.ts';
import { evidenceToCbor } from './evidence.ts';
import { tipOfFinal, type ConsensusStore, type Recovered, type StoredBlock } from './store.ts';
import {
  decodeStored,
  encodeStoredBlock,
  encodeStoredTip,
  encodeTreeHead,
  readStoredBlock,
  readStoredTip,
  readTreeHead,
  seal,
  unseal,
} from './stored-values.ts';
import { certificateToCbor, readCertificate, readVote, voteToCbor } from './vote.ts';

/** What stands in the database does not hold together: votes may have been lost. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore';
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, view INTEGER NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS final (height INTEGER PRIMARY KEY, proven INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS final_proven ON final (height) WHERE proven = 1;
  CREATE TABLE IF NOT EXISTS packages (purl TEXT PRIMARY KEY, entry INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS evidence (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * A ConsensusStore in one SQLite file. Write-ahead log and synchronous=FULL: a commit is one fsync, and what was not committed
 * whole is gone after a crash. Each value carries a checksum of its own.
 */
export class SqliteStore implements ConsensusStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or makes the database of the authority `identity`. Throws DamagedStore, or E_CONSENSUS_STATE for another's. */
  constructor(path: string, identity: string) {
    this.#database = new DatabaseSync(path);
    try {
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      this.#database.exec(SCHEMA);
      const check = this.#database.prepare('PRAGMA quick_check').get();
      if (check?.['quick_check'] !== 'ok') throw new DamagedStore('its pages do not hold together');
      this.#claim(identity);
    } catch (error) {
      this.#database.close();
      throw isSqliteDamage(error) ? new DamagedStore(error.message) : error;
    }
  }

  recover(): Recovered {
    const final = this.#fact('tip', readStoredTip);
    const cosigned = this.#fact('cosigned', readTreeHead);
    const amnesia = this.#sealedFact('amnesia');
    return {
      packages: this.#all('SELECT purl, entry FROM packages').map(
        ({ purl, entry }) => [String(purl), Number(entry)] as const,
      ),
      votes: this.#journal('vote', readVote),
      certificates: this.#journal('certificate', readCertificate),
      blocks: this.#journal('block', readBlock),
      evidence: this.#all('SELECT name FROM evidence').map(({ name }) => String(name)),
      ...(final === undefined ? {} : { final }),
      ...(cosigned === undefined ? {} : { cosigned }),
      ...(amnesia === undefined ? {} : { amnesia: unwrap(fromUtf8(amnesia)) }),
    };
  }

  commit(writes: readonly Write[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const write of writes) this.#apply(write);
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  finalBlock(height: number): StoredBlock | undefined {
    const row = this.#statement('SELECT value FROM final WHERE height = ?').get(height);
    return row === undefined ? undefined : this.#open(row['value'], readStoredBlock);
  }

  provenHeight(from: number): number | undefined {
    const row = this.#statement(
      'SELECT min(height) AS height FROM final WHERE proven = 1 AND height >= ?',
    ).get(from);
    return typeof row?.['height'] === 'number' ? row['height'] : undefined;
  }

  close(): void {
    this.#database.close();
  }

  #apply(write: Write): void {
    switch (write.kind) {
      case 'vote':
        return this.#note(write.vote.view, 'vote', encodeCbor(voteToCbor(write.vote)));
      case 'certificate':
        return this.#note(
          write.certificate.view,
          'certificate',
          encodeCbor(certificateToCbor(write.certificate)),
        );
      case 'block':
        return this.#noteBlock(write.block);
      case 'final':
        return this.#applyFinal(write.final);
      case 'cosigned':
        return this.#setFact('cosigned', encodeTreeHead(write.head));
      case 'evidence': {
        const value = seal(encodeCbor(evidenceToCbor(write.evidence)));
        return this.#run('INSERT OR IGNORE INTO evidence (name, value) VALUES (?, ?)', write.key, value);
      }
      case 'amnesia':
        return this.#setFact('amnesia', utf8(write.reason));
      default:
        return write satisfies never;
    }
  }

  #applyFinal(final: FinalBlock): void {
    const { block, execution, firstIndex, proof } = final;
    const { height, view } = block.header;
    const { batches } = execution.ledger;
    const value = seal(encodeStoredBlock({ block, batches, ...(proof === undefined ? {} : { proof }) }));
    this.#run(
      'INSERT INTO final (height, proven, value) VALUES (?, ?, ?)',
      height,
      proof === undefined ? 0 : 1,
      value,
    );
    for (const [at, { purl }] of execution.transactions.entries()) {
      this.#run('INSERT INTO packages (purl, entry) VALUES (?, ?)', purl, firstIndex + at);
    }
    this.#setFact('tip', encodeStoredTip(tipOfFinal(final)));
    this.#run('DELETE FROM journal WHERE view <= ?', view);
  }

  /** A body is noted with the vote to notarise and with the vote to finalise; once is enough. */
  #noteBlock(block: Block): void {
    const value = encodeCbor(blockToCbor(block));
    const known = this.#statement("SELECT 1 FROM journal WHERE kind = 'block' AND view = ? AND value = ?");
    if (known.get(block.header.view, seal(value)) === undefined)
      this.#note(block.header.view, 'block', value);
  }

  #note(view: number, kind: string, value: Uint8Array): void {
    this.#run('INSERT INTO journal (view, kind, value) VALUES (?, ?, ?)', view, kind, seal(value));
  }

  #journal<T>(kind: string, reader: Reader<T>): T[] {
    const rows = this.#statement('SELECT value FROM journal WHERE kind = ? ORDER BY seq').all(kind);
    return rows.map((row) => this.#open(row['value'], reader));
  }

  #setFact(name: string, value: Uint8Array): void {
    this.#run('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, seal(value));
  }

  #fact<T>(name: string, reader: Reader<T>): T | undefined {
    const value = this.#sealedFact(name);
    return value === undefined ? undefined : this.#decode(value, reader);
  }

  #sealedFact(name: string): Uint8Array | undefined {
    const row = this.#statement('SELECT value FROM facts WHERE name = ?').get(name);
    return row === undefined ? undefined : this.#unsealed(row['value']);
  }

  #open<T>(value: unknown, reader: Reader<T>): T {
    return this.#decode(this.#unsealed(value), reader);
  }

  #unsealed(value: unknown): Uint8Array {
    const payload = value instanceof Uint8Array ? unseal(value) : undefined;
    if (payload === undefined) throw new DamagedStore('a value does not match its checksum');
    return payload;
  }

  #decode<T>(payload: Uint8Array, reader: Reader<T>): T {
    const read = decodeStored(payload, reader);
    if (!read.ok) throw new DamagedStore(read.error.message);
    return read.value;
  }

  #claim(identity: string): void {
    const owner = this.#sealedFact('identity');
    if (owner === undefined) return this.#setFact('identity', utf8(identity));
    if (unwrap(fromUtf8(owner)) !== identity) {
      throw new AssayError('E_CONSENSUS_STATE', { reason: 'it belongs to another authority or network' });
    }
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  #all(sql: string): Record<string, unknown>[] {
    return this.#statement(sql).all();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, the codes for a file that is not what SQLite wrote. */
function isSqliteDamage(error: unknown): error is Error {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return code === 11 || code === 26;
}
