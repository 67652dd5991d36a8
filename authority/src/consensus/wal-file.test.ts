import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isWalDamaged } from './wal-file.ts';

let folder: string;
let wal: string;

/** A write-ahead log with some transactions of a live database, copied as a killed process leaves it. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-wal-'));
  const path = join(folder, 'live.db');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE votes (vote BLOB)');
  for (let vote = 0; vote < 8; vote++)
    database.prepare('INSERT INTO votes VALUES (?)').run(new Uint8Array(3000).fill(vote));
  wal = join(folder, 'copy-wal');
  writeFileSync(wal, readFileSync(`${path}-wal`));
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

function flip(offset: number): void {
  const bytes = readFileSync(wal);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(wal, bytes);
}

describe('a write-ahead log', () => {
  it('as SQLite wrote it is sound', () => {
    expect(isWalDamaged(wal)).toBe(false);
    expect(isWalDamaged(join(folder, 'no-such-file'))).toBe(false);
  });

  it('with a torn tail is sound: the last write never became durable', () => {
    truncateSync(wal, readFileSync(wal).length - 700);
    expect(isWalDamaged(wal)).toBe(false);
    flip(readFileSync(wal).length - 4200);
    expect(isWalDamaged(wal)).toBe(false);
  });

  it('with a flipped bit in the middle is damaged', () => {
    const size = readFileSync(wal).length;
    for (const part of [0.1, 0.3, 0.5, 0.7]) {
      flip(Math.floor(size * part));
      expect(isWalDamaged(wal)).toBe(true);
      flip(Math.floor(size * part));
      expect(isWalDamaged(wal)).toBe(false);
    }
  });

  it('of something else entirely is none', () => {
    writeFileSync(wal, new Uint8Array(9000).fill(7));
    expect(isWalDamaged(wal)).toBe(false);
  });
});
