import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { MemoryStore } from './memory-store.ts';
import { DamagedStore } from './sqlite-file.ts';
import { SqliteStore } from './sqlite-store.ts';
import { consensusStoreContract, finalWrites } from './store.contract.ts';
import { Solo } from './testing/solo.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'assay-store-'));
const opened: SqliteStore[] = [];
let files = 0;
afterAll(() => {
  for (const store of opened) store.close();
  rmSync(folder, { recursive: true });
});

function open(path: string, identity = 'authority 0'): SqliteStore {
  const store = new SqliteStore(path, identity);
  opened.push(store);
  return store;
}

consensusStoreContract('MemoryStore', () => {
  const store = new MemoryStore();
  return { store, reopen: () => store };
});

consensusStoreContract('SqliteStore', () => {
  const path = join(folder, `${files++}.db`);
  return { store: open(path), reopen: () => open(path) };
});

describe('SqliteStore', () => {
  const one = new Solo();

  it('commits all writes or none', () => {
    const store = open(join(folder, `${files++}.db`));
    const finals = finalWrites(2);
    store.commit(finals);
    expect(() => store.commit([{ kind: 'vote', vote: one.vote(0, 'nullify', 9) }, ...finals])).toThrow();
    expect(store.recover().votes).toEqual([]);
    store.commit([{ kind: 'vote', vote: one.vote(0, 'nullify', 9) }]);
    expect(store.recover().votes).toHaveLength(1);
  });

  it('belongs to one authority of one network', () => {
    const path = join(folder, `${files++}.db`);
    open(path).close();
    opened.pop();
    expect(() => open(path, 'authority 1')).toThrow(/another authority/);
  });

  it('notices damage wherever a bit flips in what it stored', () => {
    const path = join(folder, `${files++}.db`);
    const store = new SqliteStore(path, 'authority 0');
    for (let view = 10; view < 30; view++)
      store.commit([{ kind: 'vote', vote: one.vote(0, 'nullify', view) }]);
    store.commit(finalWrites(3));
    store.commit([{ kind: 'cosigned', head: { size: 4, root: 'ab'.repeat(32) } }]);
    const before = store.recover();
    const finals = [1, 2, 3].map((height) => store.finalBlock(height));
    store.close();
    const sound = readFileSync(path);
    let noticed = 0;
    for (let at = 100; at < sound.length; at += 97) {
      const bytes = Buffer.from(sound);
      bytes[at] = (bytes[at] ?? 0) ^ 4;
      writeFileSync(path, bytes);
      let again: SqliteStore | undefined;
      try {
        again = new SqliteStore(path, 'authority 0');
        expect(again.recover()).toEqual(before);
        expect([1, 2, 3].map((height) => again?.finalBlock(height))).toEqual(finals);
      } catch (error) {
        if (!(error instanceof DamagedStore)) throw error;
        noticed += 1;
      } finally {
        again?.close();
      }
    }
    expect(noticed).toBeGreaterThan(10);
  });
});
