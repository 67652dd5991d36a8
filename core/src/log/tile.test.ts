import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../errors/result.ts';
import {
  decodeEntryBundle,
  decodeTile,
  encodeEntryBundle,
  entriesPath,
  isKeptPath,
  isLogPath,
  MAX_ENTRY_BUNDLE_BYTES,
  MAX_ENTRY_BYTES,
  parseTilePath,
  pathOf,
  tilePath,
} from './tile.ts';
import { c2spLog, filesBelow } from './vectors.fixture.ts';

describe('tile paths', () => {
  it.each([
    [tilePath(0, 0), 'tile/0/000'],
    [tilePath(0, 999, 1), 'tile/0/999.p/1'],
    [tilePath(1, 1000), 'tile/1/x001/000'],
    [tilePath(2, 1_234_067, 255), 'tile/2/x001/x234/067.p/255'],
    [entriesPath(1_234_067), 'tile/entries/x001/x234/067'],
    [entriesPath(3, 232), 'tile/entries/003.p/232'],
  ])('are written as C2SP says: %s', (path, expected) => {
    expect(path).toBe(expected);
  });

  it('are read back, whatever they name', () => {
    const index = fc.maxSafeNat();
    const width = fc.integer({ min: 1, max: 256 });
    fc.assert(
      fc.property(fc.nat(63), index, width, (level, i, w) => {
        expect(unwrap(parseTilePath(tilePath(level, i, w)))).toEqual({
          kind: 'hashes',
          level,
          index: i,
          width: w,
        });
        expect(unwrap(parseTilePath(entriesPath(i, w)))).toEqual({ kind: 'entries', index: i, width: w });
      }),
    );
  });

  it.skipIf(!c2spLog)(
    'of an independent log are all read and written the same (skipped without vectors)',
    () => {
      const paths = filesBelow(join(c2spLog ?? '', 'log1000')).filter((path) => path.startsWith('tile/'));
      expect(paths).toHaveLength(242);
      expect(paths.map((path) => pathOf(unwrap(parseTilePath(path))))).toEqual(paths);
    },
  );

  it.each([
    '',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/-1/000',
    'tile/64/000',
    'tile/0/x000/000',
    'tile/0/x001/x000',
    'tile/0/001/000',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/entries/x009/x007/x199/x254/x740/992',
    'tile/data/000',
    'tile/0/x001/../000',
    'tile/0/٠٠٠',
    'tile/0/' + 'x001/'.repeat(1000) + '000',
  ])('are refused in any other form: %j', (path) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, error: { code: 'E_TILE_PATH' } });
    expect(isLogPath(path)).toBe(false);
  });

  it('are, with the checkpoint, evidence and hand-offs, the only paths of a log', () => {
    const digest = 'ab'.repeat(32);
    const good = [
      'checkpoint',
      `evidence/${digest}`,
      'tile/0/000',
      'tile/entries/000.p/5',
      'handoff/2',
      'handoff/17',
    ];
    expect(good.filter(isLogPath)).toEqual(good);
    const bad = [
      'Checkpoint',
      'checkpoint/',
      `evidence/${digest.toUpperCase()}`,
      `evidence/${digest}/x`,
      '../checkpoint',
      'handoff/1',
      'handoff/02',
      'handoff/',
      'handoff/2/',
      `handoff/${'9'.repeat(16)}`,
    ];
    expect(bad.filter(isLogPath)).toEqual([]);
  });

  it('are other ones than those of what a node keeps for itself', () => {
    const digest = 'ab'.repeat(32);
    const kept = [`lookup/${digest}`];
    expect(kept.filter(isKeptPath)).toEqual(kept);
    expect(kept.filter(isLogPath)).toEqual([]);
    const bad = ['lookup/', `lookup/${digest}/x`, `lookup/../${digest}`, `evidence/${digest}`, 'checkpoint'];
    expect(bad.filter(isKeptPath)).toEqual([]);
  });
});

describe('hash tiles', () => {
  it('are split into exactly their width', () => {
    const bytes = Uint8Array.from({ length: 96 }, (_, i) => i);
    expect(unwrap(decodeTile(bytes, 3)).map((hash) => hash[0])).toEqual([0, 32, 64]);
    for (const width of [0, 2, 4])
      expect(decodeTile(bytes, width)).toMatchObject({ ok: false, error: { code: 'E_TILE' } });
  });
});

describe('entry bundles', () => {
  const entry = fc.uint8Array({ maxLength: 40 });

  it('give back the entries that were put in', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 256 }), (entries) => {
        const bytes = encodeEntryBundle(entries);
        expect(unwrap(decodeEntryBundle(bytes)).map((e) => [...e])).toEqual(entries.map((e) => [...e]));
        expect(decodeEntryBundle(bytes, entries.length).ok).toBe(true);
        expect(decodeEntryBundle(bytes, entries.length + 1).ok).toBe(false);
        expect(decodeEntryBundle(bytes, entries.length - 1).ok).toBe(false);
        expect(decodeEntryBundle(bytes.subarray(0, -1)).ok).toBe(false);
      }),
    );
  });

  it('hold entries of 65,535 bytes and none longer', () => {
    const longest = new Uint8Array(MAX_ENTRY_BYTES).fill(7);
    expect(unwrap(decodeEntryBundle(encodeEntryBundle([longest])))).toEqual([longest]);
    expect(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)])).toThrow(
      expect.objectContaining({ code: 'E_ENTRY_SIZE' }),
    );
  });

  it('are refused when empty, when they hold 257 entries or when larger than any bundle', () => {
    expect(decodeEntryBundle(new Uint8Array(0)).ok).toBe(false);
    expect(decodeEntryBundle(new Uint8Array(2 * 256)).ok).toBe(true);
    expect(decodeEntryBundle(new Uint8Array(2 * 257)).ok).toBe(false);
    expect(decodeEntryBundle(new Uint8Array(MAX_ENTRY_BUNDLE_BYTES + 1))).toMatchObject({
      ok: false,
      error: { fields: { entries: 0, offset: 0 } },
    });
  });

  it('are never thrown at, and what is accepted is written back byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const entries = decodeEntryBundle(bytes);
        if (entries.ok) expect(encodeEntryBundle(entries.value)).toEqual(bytes);
        else expect(entries.error.code).toBe('E_ENTRY_BUNDLE');
      }),
      { numRuns: 1000 },
    );
  });
});
