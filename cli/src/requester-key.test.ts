import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { requesterSeed } from './requester-key.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-key-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('makes a key once, which nobody else may read', async () => {
  const seed = await requesterSeed(folder);
  expect(seed).toHaveLength(32);
  expect(await requesterSeed(folder)).toEqual(seed);
  expect((await stat(join(folder, 'requester.key'))).mode & 0o777).toBe(0o600);
});
