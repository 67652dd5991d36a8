// Logs as a test writes them with all keys: a client that was away while the authorities changed, and authorities that signed two histories.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { App } from './harness/app.ts';
import { assay } from './harness/command-line.ts';
import { TestBrowser } from './harness/test-browser.ts';
import { WrittenNetwork } from './harness/written-network.ts';

const [EARLY, LATE] = ['pkg:npm/early@1.0.0', 'pkg:npm/late@1.0.0'];
const FILE = utf8('what both histories hold');
const MONTH = 30 * 24 * 3600;
const expected = [/Failed to load resource/, /ERR_/];

let network: WrittenNetwork;
let browser: TestBrowser;
let home: string;
let log: TestLog;

beforeAll(async () => {
  [network, browser] = await Promise.all([WrittenNetwork.start(), TestBrowser.start()]);
});

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-histories-'));
  log = await firstHistory();
  await network.show(log);
  return () => rm(home, { recursive: true, force: true });
});

afterAll(async () => {
  await browser?.stop();
  await network?.stop();
});

const visit = (during: (app: App) => Promise<void>) =>
  browser.visit(({ page }) => during(new App(page, network.url)), { expected });
const command = (...args: readonly string[]) =>
  assay([...args, '--relay', network.url], { XDG_DATA_HOME: home });

async function firstHistory(): Promise<TestLog> {
  const fresh = await TestLog.create();
  await fresh.addPackage(EARLY, FILE);
  return fresh;
}

async function changeTwice(): Promise<void> {
  await log.changeAuthorities({ add: ['etna'] });
  await log.addVersions(['pkg:npm/between@1.0.0']);
  await log.changeAuthorities({ remove: ['ayla'] });
  await log.addPackage(LATE, FILE);
}

/** What the same authorities signed besides. */
async function otherHistory(): Promise<TestLog> {
  const other = await firstHistory();
  await other.addPackage('pkg:npm/other@1.0.0', FILE);
  await other.addVersions(['pkg:npm/more@1.0.0']);
  return other;
}

describe('a client that was away while the authorities changed twice', () => {
  it('comes back in the page: every rung holds, by the authorities of each epoch', async () => {
    await visit(async (app) => {
      await app.openVersion(EARLY);
      await app.rung('agreement', 'pass');
      await changeTwice();
      await network.show(log);
      for (const purl of [EARLY, LATE]) {
        await app.openVersion(purl);
        for (const rung of ['record', 'inclusion', 'quorum', 'history', 'agreement'] as const)
          await app.rung(rung, 'pass');
      }
      expect(await (await app.rung('agreement', 'pass')).textContent()).toContain('3 of 4');
    });
  });

  it('comes back in the terminal', async () => {
    expect((await command('status')).last).toMatchObject({ size: 4, epoch: 1, synced: true });
    await changeTwice();
    await network.show(log);
    expect((await command('status')).last).toMatchObject({ size: log.size, epoch: 3, synced: true });
    const file = join(home, 'late.bin');
    await writeFile(file, FILE);
    const checked = await command('verify', file, '--purl', LATE);
    expect([checked.code, checked.last['verdict']]).toEqual([0, 'verified']);
  });

  it('is told when that was so long ago that one source is not enough', async () => {
    const now = Math.floor(Date.now() / 1000);
    await network.show(log, now - 11 * MONTH - 1000);
    await visit(async (app) => {
      await app.openVersion(EARLY, 'any');
      await app.rung('inclusion', 'pass');
      await changeTwice();
      await network.show(log);
      await app.open('/', 'any');
      await app.sees(/last seen 11\s+months ago/);
      await app.openVersion(EARLY, 'any');
      await app.rung('history', 'pass');
    });
  });
});

describe('authorities that signed two histories', () => {
  it('stop the page, which names them, keeps both notes and goes on with what both share', async () => {
    await log.addPackage(LATE, FILE);
    await network.show(log);
    await visit(async (app) => {
      await app.openVersion(LATE);
      await app.rung('inclusion', 'pass');
      await network.show(await otherHistory());
      await app.openVersion(LATE, 'conflict');
      await app.sees('ayla, borneo, cassini');
      await app.sees(/first 4 entries are in both histories/);
      await app.rung('history', 'fail');
      await app.openVersion(EARLY, 'conflict');
      expect(await (await app.rung('history', 'pass')).textContent()).toContain('two histories');
    });
  });

  it('stop the command line, which shows the same', async () => {
    await log.addPackage(LATE, FILE);
    await network.show(log);
    expect((await command('status')).code).toBe(0);
    await network.show(await otherHistory());
    for (let again = 0; again < 2; again++) {
      const { code, last } = await command('status');
      expect(code).toBe(3);
      expect(last['conflict']).toMatchObject({ signers: ['ayla', 'borneo', 'cassini'], common: 4 });
    }
    const file = join(home, 'file.bin');
    await writeFile(file, FILE);
    expect((await command('verify', file, '--purl', EARLY)).last['verdict']).toBe('verified');
    expect((await command('verify', file, '--purl', LATE)).last['verdict']).toBe('mismatch');
    expect((await command('verify', file, '--purl', 'pkg:npm/more@1.0.0')).code).not.toBe(0);
  });
});
