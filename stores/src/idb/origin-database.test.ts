import { openDB } from 'idb';
import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  deleteOriginDatabase,
  keepModeChoice,
  loadModeChoice,
  openOriginDatabase,
} from './origin-database.ts';

afterEach(() => deleteOriginDatabase());

describe('the database of an origin', () => {
  it('keeps how its nodes work, automatically until somebody chose', async () => {
    const database = await openOriginDatabase();
    expect(await loadModeChoice(database)).toBe('automatic');
    await keepModeChoice(database, 'light');
    database.close();
    const again = await openOriginDatabase();
    expect(await loadModeChoice(again)).toBe('light');
    again.close();
  });

  it('takes over one of version 1 with all that is in it', async () => {
    const old = await openDB('assay', 1, {
      upgrade(created) {
        for (const name of ['network', 'keys', 'requests']) created.createObjectStore(name);
      },
    });
    await old.put('requests', { id: 'ab', purl: 'pkg:npm/clsx', at: 1 }, 'ab');
    old.close();
    const database = await openOriginDatabase();
    expect(await database.getAll('requests')).toHaveLength(1);
    expect(await loadModeChoice(database)).toBe('automatic');
    database.close();
  });
});
