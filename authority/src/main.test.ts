import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-main-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function main(...args: string[]) {
  return spawnSync(NODE, [MAIN, ...args], { encoding: 'utf8' });
}

it('makes keys once, for their owner only, and prints what may be known of them', () => {
  const dataDir = join(folder, 'new', 'authority');
  const made = main('init', '--data', dataDir, '--name', 'ayla');
  expect(made).toMatchObject({ status: 0, stderr: '' });
  const identity = JSON.parse(made.stdout) as Record<string, string>;
  expect(Object.keys(identity)).toEqual(['name', 'voteKey', 'cosignKey', 'logKey', 'buildKey', 'peerKey']);
  expect(new Set(Object.values(identity)).size).toBe(6);
  const file = join(dataDir, 'keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const keys = readFileSync(file, 'utf8');
  for (const key of Object.values(identity).slice(1)) expect(keys).not.toContain(key);
  expect(main('identity', '--data', dataDir).stdout).toBe(made.stdout);

  const again = main('init', '--data', dataDir, '--name', 'ayla');
  expect(again.status).toBe(1);
  expect(again.stderr).toMatch(/keys\.json is there already\.\n$/);
  expect(readFileSync(file, 'utf8')).toBe(keys);
}, 30_000);

it('says what is wrong with its folder instead of starting', () => {
  expect(main('init', '--data', folder, '--name', 'ayla').status).toBe(0);
  const { status, stderr, stdout } = main('run', '--data', folder);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ error The file .*config\.json of this authority cannot be used: ENOENT.*\n$/,
  );
}, 30_000);

it('explains itself when it is not understood', () => {
  for (const args of [[], ['init', '--data', folder], ['dance', '--data', folder], ['run', '--sideways']]) {
    const { status, stderr } = main(...args);
    expect([status, stderr.includes('usage:')]).toEqual([2, true]);
  }
}, 30_000);
