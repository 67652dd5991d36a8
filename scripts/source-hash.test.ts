import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceHash } from './source-hash.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-source-hash-'));
  mkdirSync(join(folder, 'web/src'), { recursive: true });
  writeFileSync(join(folder, 'web/src/main.ts'), 'one');
  writeFileSync(join(folder, 'web/index.html'), 'page');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('the hash stays while the sources stay', () => {
  expect(sourceHash(folder, ['web'])).toBe(sourceHash(folder, ['web']));
});

test('a changed, renamed, added or moved byte changes the hash', () => {
  const seen = new Set([sourceHash(folder, ['web'])]);
  writeFileSync(join(folder, 'web/src/main.ts'), 'two');
  seen.add(sourceHash(folder, ['web']));
  writeFileSync(join(folder, 'web/src/other.ts'), '');
  seen.add(sourceHash(folder, ['web']));
  writeFileSync(join(folder, 'web/src/main.ts'), 'tw');
  writeFileSync(join(folder, 'web/src/other.ts'), 'o');
  seen.add(sourceHash(folder, ['web']));
  rmSync(join(folder, 'web/src/other.ts'));
  writeFileSync(join(folder, 'web/src/renamed.ts'), 'o');
  seen.add(sourceHash(folder, ['web']));
  expect(seen.size).toBe(5);
});

test('tests and build results do not count', () => {
  const before = sourceHash(folder, ['web']);
  mkdirSync(join(folder, 'web/dist'));
  writeFileSync(join(folder, 'web/dist/index.html'), 'built');
  writeFileSync(join(folder, 'web/src/main.test.ts'), 'test');
  expect(sourceHash(folder, ['web'])).toBe(before);
});

test('a path that does not exist counts as empty', () => {
  expect(sourceHash(folder, ['web', 'sw'])).toBe(sourceHash(folder, ['web']));
});
