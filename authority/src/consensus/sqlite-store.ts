import { fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import type { Reader } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { blockToCbor, readBlock, type Block } from './block.ts';
import type { FinalBlock, Write } from './events.ts';
import { evidenceToCbor, readEvidence, type Evidence } from './evidence.ts';
import type { Amnesia } from './state.ts';
import { DamagedStore, SqliteFile } from './sqlite-file.ts';
import {
  amnesiaOf,
  eraAfter,
  handoffIn,
  storedOfFinal,
  tipOfFinal,
  type ConsensusStore,
  type Recovered,
  type StoredBlock,
  type StoredPackage,
} from './store.ts';
import {
  decodeStored,
  encodeAmnesia,
  encodeStoredBlock,
  encodeStoredEra,
  encodeStoredTip,
  encodeTotals,
  encodeTreeHead,
  NO_TOTALS,
  readAmnesia,
  readStoredBlock,
  readStoredEra,
  readStoredTip,
  readTotals,
  readTreeHead,
  seal,
  unseal,
  type Totals,
} from './stored-values.ts';
import { certificateToCbor, readCertificate, readVote, voteToCbor } from './vote.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, view INTEGER NOT NULL, kind TEXT NOT NULL, value BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS final (height INTEGER PRIMARY KEY, proven INTEGER NOT NULL, value BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS final_proven ON final (height) WHERE proven = 1;
  CREATE TABLE IF NOT EXISTS packages (purl TEXT PRIMARY KEY, entry INTEGER NOT NULL, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS eras (epoch INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS handoffs (epoch INTEGER PRIMARY KEY, value BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS evidence (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
`;

type JournalKind = 'vote' | 'certificate' | 'block';
/** What a database without anything in it is: new, or one whose content is lost, or begun in place of a lost one for `reason`. */
type EmptyStore =
  | { readonly kind: 'new' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'forgetful'; readonly amnesia: Amnesia };
type FactName = 'identity' | 'tip' | 'cosigned' | 'amnesia' | 'totals';

/**
 * A ConsensusStore in one SQLite file. SQLite notices broken pages, not changed content: so every value is sealed together with
 * its place, and the totals tell when a row is gone.
 */
export class SqliteStore implements ConsensusStore {
  readonly #file: SqliteFile;
  #totals: Totals;

  /** Opens or makes the database of the authority `identity`. Throws DamagedStore, or E_CONSENSUS_STATE for another's. */
  constructor(path: string, identity: string, empty: EmptyStore = { kind: 'new' }) {
    this.#file = new SqliteFile(path, SCHEMA);
    try {
      this.#claim(identity, empty);
      this.#totals = this.#fact('totals', readTotals) ?? NO_TOTALS;
    } catch (error) {
      this.#file.close();
      throw error;
    }
  }

  recover(): Recovered {
    const final = this.#fact('tip', readStoredTip);
    const cosigned = this.#fact('cosigned', readTreeHead);
    const amnesia = this.#fact('amnesia', readAmnesia);
    const eras = this.#numbered('eras', (value) => decoded(value, readStoredEra));
    const handoffs = this.#numbered('handoffs', (value) => value);
    const packages = this.#packages();
    const rows = this.#file.get(
      'SELECT count(*) AS journal, (SELECT max(height) FROM final) AS final FROM journal',
    );
    const isWhole =
      rows?.['journal'] === this.#totals.journal &&
      (rows['final'] ?? 0) === this.#totals.final &&
      (final?.block.header.height ?? 0) === this.#totals.final &&
      packages.length === this.#totals.packages &&
      eras.length === this.#totals.eras &&
      handoffs.length === this.#totals.handoffs &&
      (cosigned?.size ?? 0) === this.#totals.cosigned;
    if (!isWhole) throw new DamagedStore('something that it held is gone');
    for (const { height, value } of this.#file.each('SELECT height, value FROM final')) {
      unsealed(value, `final ${String(height)}`);
    }
    return {
      eras,
      handoffs,
      packages,
      votes: this.#journal('vote', readVote),
      certificates: this.#journal('certificate', readCertificate),
      blocks: this.#journal('block', readBlock),
      evidence: this.#evidence(),
      ...(final === undefined ? {} : { final }),
      ...(cosigned === undefined ? {} : { cosigned }),
      ...(amnesia === undefined ? {} : { amnesia }),
    };
  }

  commit(writes: readonly Write[]): void {
    const before = this.#totals;
    try {
      this.#file.transaction(() => {
        for (const write of writes) this.#apply(write);
        if (this.#totals !== before) this.#setFact('totals', encodeTotals(this.#totals));
      });
    } catch (error) {
      this.#totals = before;
      throw error;
    }
  }

  finalBlock(height: number): StoredBlock | undefined {
    const row = this.#file.get('SELECT value FROM final WHERE height = ?', height);
    return row === undefined
      ? undefined
      : decoded(unsealed(row['value'], `final ${height}`), readStoredBlock);
  }

  provenHeight(from: number): number | undefined {
    const row = this.#file.get(
      'SELECT min(height) AS height FROM final WHERE proven = 1 AND height >= ?',
      from,
    );
    return typeof row?.['height'] === 'number' ? row['height'] : undefined;
  }

  close(): void {
    this.#file.close();
  }

  #apply(write: Write): void {
    switch (write.kind) {
      case 'vote':
        return this.#note(write.vote, 'vote', encodeCbor(voteToCbor(write.vote)));
      case 'certificate':
        return this.#note(write.certificate, 'certificate', encodeCbor(certificateToCbor(write.certificate)));
      case 'block':
        return this.#noteBlock(write.block);
      case 'final':
        return this.#applyFinal(write.final);
      case 'cosigned':
        this.#totals = { ...this.#totals, cosigned: write.head.size };
        return this.#setFact('cosigned', encodeTreeHead(write.head));
      case 'evidence': {
        const value = seal(encodeCbor(evidenceToCbor(write.evidence)), write.key);
        this.#file.run('INSERT OR IGNORE INTO evidence (name, value) VALUES (?, ?)', write.key, value);
        return;
      }
      case 'amnesia':
        return this.#setFact('amnesia', encodeAmnesia(amnesiaOf(write)));
      default:
        return write satisfies never;
    }
  }

  #applyFinal(final: FinalBlock): void {
    const { block, execution, proof } = final;
    const { height, epoch, view, closes } = block.header;
    const proven = proof === undefined ? 0 : 1;
    const value = seal(encodeStoredBlock(storedOfFinal(final)), `final ${height}`);
    this.#file.run('INSERT INTO final (height, proven, value) VALUES (?, ?, ?)', height, proven, value);
    for (const { purl, index, leafHash } of execution.additions) {
      const sealed = seal(leafHash, packagePlace(purl, index));
      this.#file.run('INSERT INTO packages (purl, entry, value) VALUES (?, ?, ?)', purl, index, sealed);
    }
    this.#setFact('tip', encodeStoredTip(tipOfFinal(final)));
    const settled = this.#file.run(
      'DELETE FROM journal WHERE epoch < ? OR (epoch = ? AND view <= ?)',
      epoch,
      epoch,
      closes ? Number.MAX_SAFE_INTEGER : view,
    );
    const era = eraAfter(final);
    const handoff = handoffIn(final);
    if (era !== undefined) this.#number('eras', epoch + 1, encodeStoredEra(era));
    if (handoff !== undefined) this.#number('handoffs', epoch, handoff);
    const { journal, packages } = this.#totals;
    this.#totals = {
      ...this.#totals,
      journal: journal - settled,
      final: height,
      packages: packages + execution.additions.length,
    };
  }

  #number(table: 'eras' | 'handoffs', epoch: number, value: Uint8Array): void {
    const sealed = seal(value, `${table} ${epoch}`);
    this.#file.run(`INSERT INTO ${table} (epoch, value) VALUES (?, ?)`, epoch, sealed);
    this.#totals = { ...this.#totals, [table]: this.#totals[table] + 1 };
  }

  /** The rows of a table, which has one for each epoch after the first. */
  #numbered<T>(table: 'eras' | 'handoffs', read: (value: Uint8Array) => T): T[] {
    return this.#file
      .all(`SELECT epoch, value FROM ${table} ORDER BY epoch`)
      .map(({ epoch, value }) => read(unsealed(value, `${table} ${String(epoch)}`)));
  }

  #evidence(): Evidence[] {
    return this.#file
      .all('SELECT name, value FROM evidence ORDER BY name')
      .map(({ name, value }) => decoded(unsealed(value, String(name)), readEvidence));
  }

  /** A body is noted with the vote to notarise and with the vote to finalise; once is enough. */
  #noteBlock(block: Block): void {
    const { epoch, view } = block.header;
    const value = encodeCbor(blockToCbor(block));
    const sql = "SELECT 1 FROM journal WHERE kind = 'block' AND epoch = ? AND view = ? AND value = ?";
    if (this.#file.get(sql, epoch, view, seal(value, `block ${epoch} ${view}`)) === undefined)
      this.#note(block.header, 'block', value);
  }

  #note({ epoch, view }: { epoch: number; view: number }, kind: JournalKind, value: Uint8Array): void {
    const sealed = seal(value, `${kind} ${epoch} ${view}`);
    const sql = 'INSERT INTO journal (epoch, view, kind, value) VALUES (?, ?, ?, ?)';
    this.#file.run(sql, epoch, view, kind, sealed);
    this.#totals = { ...this.#totals, journal: this.#totals.journal + 1 };
  }

  #journal<T>(wanted: JournalKind, reader: Reader<T>): T[] {
    return this.#file
      .all('SELECT epoch, view, kind, value FROM journal ORDER BY seq')
      .flatMap(({ epoch, view, kind, value }) => {
        const payload = unsealed(value, `${String(kind)} ${String(epoch)} ${String(view)}`);
        return kind === wanted ? [decoded(payload, reader)] : [];
      });
  }

  #packages(): StoredPackage[] {
    return this.#file
      .all('SELECT purl, entry, value FROM packages ORDER BY entry')
      .map(({ purl, entry, value }) => ({
        purl: String(purl),
        index: Number(entry),
        leafHash: unsealed(value, packagePlace(String(purl), Number(entry))),
      }));
  }

  #setFact(name: FactName, value: Uint8Array): void {
    this.#file.run('INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)', name, seal(value, name));
  }

  #fact<T>(name: FactName, reader: Reader<T>): T | undefined {
    const value = this.#sealedFact(name);
    return value === undefined ? undefined : decoded(value, reader);
  }

  #sealedFact(name: FactName): Uint8Array | undefined {
    const row = this.#file.get('SELECT value FROM facts WHERE name = ?', name);
    return row === undefined ? undefined : unsealed(row['value'], name);
  }

  /** Marks a new database as this authority's; another's is refused. */
  #claim(identity: string, empty: EmptyStore): void {
    const owner = this.#sealedFact('identity');
    if (owner !== undefined) {
      if (textOf(owner) === identity) return;
      throw new AssayError('E_CONSENSUS_STATE', { reason: 'it belongs to another authority or network' });
    }
    const isEmpty = this.#file.get('SELECT 1 FROM facts') === undefined;
    if (!isEmpty || empty.kind === 'lost') throw new DamagedStore('its owner is gone');
    this.#file.transaction(() => {
      this.#setFact('identity', utf8(identity));
      if (empty.kind === 'forgetful') this.#setFact('amnesia', encodeAmnesia(empty.amnesia));
    });
  }
}

function packagePlace(purl: string, entry: number): string {
  return `package ${purl} ${entry}`;
}

function unsealed(value: unknown, place: string): Uint8Array {
  const payload = value instanceof Uint8Array ? unseal(value, place) : undefined;
  if (payload === undefined) throw new DamagedStore(`a value does not match its checksum: ${place}`);
  return payload;
}

function decoded<T>(payload: Uint8Array, reader: Reader<T>): T {
  const read = decodeStored(payload, reader);
  if (!read.ok) throw new DamagedStore(read.error.message);
  return read.value;
}

function textOf(payload: Uint8Array): string {
  const text = fromUtf8(payload);
  if (!text.ok) throw new DamagedStore(text.error.message);
  return text.value;
}
