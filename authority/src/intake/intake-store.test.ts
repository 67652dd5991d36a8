import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { IntakeStore, type StoredJob } from './intake-store.ts';

const PURL = 'pkg:npm/tiny@1.0.0';
const bytes = new Uint8Array([1, 2, 3]);

let folder: string;
let store: IntakeStore;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-intake-'));
  store = new IntakeStore(join(folder, 'intake.db'));
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

/** What is there without the writer having closed anything: the state after a crash. */
function afterCrash(): IntakeStore {
  return new IntakeStore(join(folder, 'intake.db'));
}

const job = (changes: Partial<StoredJob> = {}): StoredJob => ({
  purl: PURL,
  attempt: 1,
  request: 'a1',
  opened: 100,
  ...changes,
});
const progress: RequestProgress = {
  id: 'a1',
  purl: PURL,
  state: 'in-log',
  authorities: [],
  needed: 3,
  agreed: 4,
};

it('keeps requests and what became of them', () => {
  store.addRequest({ id: 'a1', bytes, received: 7 });
  store.addRequest({ id: 'a2', bytes, received: 8 });
  store.addRequest({ id: 'a3', bytes, received: 9 });
  store.assignRequest('a1', PURL, 2);
  store.failRequest('a2', { code: 'E_ABORTED', fields: {} });
  const reopened = afterCrash();
  expect(reopened.request('a1')).toEqual({ id: 'a1', bytes, received: 7, purl: PURL, attempt: 2 });
  expect(reopened.request('a2')?.error).toEqual({ code: 'E_ABORTED', fields: {} });
  expect(reopened.request('none')).toBeUndefined();
  expect(reopened.unresolved().map(({ id }) => id)).toEqual(['a3']);
  expect(reopened.requestsOf(PURL, 2)).toEqual(['a1']);
  reopened.close();
});

it('keeps jobs, open ones in the order they came', () => {
  store.saveJob(job({ purl: 'b', opened: 2 }));
  store.saveJob(job({ purl: 'a', opened: 1, envelope: bytes, proposal: bytes }));
  store.saveJob(job({ purl: 'c', opened: 1, settled: 3, progress }));
  const reopened = afterCrash();
  expect(reopened.openJobs().map(({ purl }) => purl)).toEqual(['a', 'b']);
  expect(reopened.job('a')).toEqual(job({ purl: 'a', opened: 1, envelope: bytes, proposal: bytes }));
  expect(reopened.job('c')?.progress).toEqual(progress);
  reopened.close();
});

it('forgets what ended long ago and what is too much, but nothing that is open', () => {
  store.saveJob(job({ purl: 'open', opened: 1 }));
  for (const [purl, settled] of [
    ['old', 5],
    ['newer', 20],
    ['newest', 21],
  ] as const) {
    store.saveJob(job({ purl, settled, progress }));
  }
  for (const [id, purl] of [
    ['r1', 'open'],
    ['r2', 'old'],
    ['r3', 'newest'],
  ] as const) {
    store.addRequest({ id, bytes, received: id === 'r3' ? 20 : 5 });
    store.assignRequest(id, purl, 1);
  }
  store.forget(10, 1);
  expect(['open', 'old', 'newer', 'newest'].filter((purl) => store.job(purl))).toEqual(['open', 'newest']);
  expect(['r1', 'r2', 'r3'].filter((id) => store.request(id))).toEqual(['r1', 'r3']);
});

it('says plainly that it cannot be opened', () => {
  expect(() => new IntakeStore(join(folder, 'no', 'such', 'folder.db'))).toThrow(/The store failed/);
});
