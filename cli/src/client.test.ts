import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { lockPatiently } from './client.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-client-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const waits: string[] = [];
const context = (signal = new AbortController().signal) => ({
  clock: createClock(globalThis),
  signal,
  output: {
    json: false,
    result: () => undefined,
    progress: (_data: object, text: string) => void waits.push(text),
    error: () => undefined,
  },
});

it('lets one command at a time into a folder, the next when it has ended', async () => {
  const first = await lockPatiently(folder, context());
  let isSecondIn = false;
  const second = lockPatiently(folder, context()).then((lock) => {
    isSecondIn = true;
    return lock;
  });
  await expect.poll(() => waits).toEqual(['waiting for another assay command to end']);
  expect(isSecondIn).toBe(false);
  first.release();
  (await second).release();
});

it('does not wait any longer when it is told to stop', async () => {
  const first = await lockPatiently(folder, context());
  const stopped = AbortSignal.abort(new AssayError('E_ABORTED'));
  await expect(lockPatiently(folder, context(stopped))).rejects.toMatchObject({ code: 'E_ABORTED' });
  first.release();
});
