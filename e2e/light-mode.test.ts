// A node that replays nothing: what it shows, what it proves, and what it says of relays that lie in their answers.
import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { decodeLookup, encodeLookup, type LookupBundle } from '@assay/core/lookup/bundle.ts';
import { App } from './harness/app.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { TamperingProxy, type Tampering } from './harness/tampering-proxy.ts';
import { allowingConnections, blocked, changed, EVERYTHING, onlyMirrors } from './harness/tamperings.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';
import { TestBrowser } from './harness/test-browser.ts';

const PURL = 'pkg:npm/looked@1.0.0';
const NEWER = 'pkg:npm/looked@1.1.0';
const LOOKUP = /^\/lookup\//;
/** Answers about this package alone, not those that only the tree head is wanted of. */
const LOOKED = /^\/lookup\/pkg%3Anpm%2Flooked/;

let registry: FakeRegistry;
let network: Network;
let proxy: TamperingProxy;
let browser: TestBrowser;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(smallRelease('looked'));
  registry.publish(smallRelease('looked', '1.1.0'));
  registry.publish(smallRelease('later'));
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  for (const purl of [PURL, NEWER]) await network.addPackage(purl);
  proxy = await TamperingProxy.start(network.url);
});

beforeEach(() => {
  proxy.tamperings = [onlyMirrors()];
  proxy.requests.length = 0;
});

afterAll(async () => {
  await browser?.stop();
  await proxy?.stop();
  await network?.stop();
  await registry?.stop();
});

function choose(page: Page, mode: string): Promise<void> {
  return page.getByRole('radiogroup', { name: 'Log' }).getByRole('radio', { name: mode }).check();
}

/** A visit of somebody who has chosen the light mode. */
function visit(during: (app: App) => Promise<void>): Promise<void> {
  const expected = [/Failed to load resource/, /ERR_/];
  return browser.visit(
    async ({ page }) => {
      const app = new App(page, proxy.url);
      await app.open('/settings');
      await choose(page, 'Light');
      await app.sees('this node is light now');
      proxy.requests.length = 0;
      await during(app);
    },
    { expected },
  );
}

/** From now on the relay changes its answers about the package; pages see no live events that would hurry them. */
function tamper(change: (bundle: LookupBundle) => LookupBundle): void {
  proxy.tamperings = [lying(change), blocked(/^\/events$/), onlyMirrors()];
}

function lying(change: (bundle: LookupBundle) => LookupBundle): Tampering {
  return changed(LOOKED, (body) => encodeLookup(change(unwrap(decodeLookup(body)))));
}

const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(9, (bytes[9] ?? 0) ^ 1);

describe('a light node', () => {
  it('fetches and verifies, lists versions, and proves what is not in the log, without an entry of it', async () => {
    await visit(async (app) => {
      await app.openVersion(PURL);
      await app.fetch();
      await app.verdict('verified');
      const rung = await app.rung('inclusion', 'pass');
      expect(await rung.textContent()).toContain('Proven by the map of packages');
      await app.open('/p/npm/looked');
      for (const version of ['1.0.0', '1.1.0'])
        await app.page.getByRole('rowheader', { name: version }).waitFor();
      await app.openVersion('pkg:npm/looked@9.9.9');
      const absent = await app.verdict('not-in-log');
      expect(await absent.textContent()).toContain('Proven by the map of packages');
      expect(proxy.requests.filter((path) => path.startsWith('/tile/'))).toEqual([]);
      expect(proxy.requests.filter((path) => LOOKUP.test(path)).length).toBeGreaterThan(0);
    });
  });

  it('keeps its verdict on what it holds through a reload without any network, and hands it out', async () => {
    await visit(async (app) => {
      await app.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      await app.openVersion(PURL);
      await app.fetch();
      await app.verdict('verified');
      proxy.tamperings = [blocked(EVERYTHING)];
      await app.openVersion(PURL, 'offline');
      await app.verdict('verified');
      await app.saveButton.waitFor();
      const answer = await app.page.evaluate(async () => {
        const response = await fetch('/npm/looked@1.0.0/package.json');
        return [response.status, await response.json()];
      });
      expect(answer).toEqual([200, expect.objectContaining({ version: '1.0.0' })]);
      await app.openVersion(NEWER, 'offline');
      await app.sees(/could not be asked|Could not check|No source/);
    });
  });

  it('is what the terminal can be as well', async () => {
    const folder = await temporaryFolder('light');
    const got = await network.assay('get', PURL, '--light', '-o', folder.path);
    expect(got.code, got.log).toBe(0);
    const absent = await network.assay('get', 'pkg:npm/looked@9.9.9', '--light', '-o', folder.path);
    expect(absent.code, absent.log).toBe(4);
    // The full log is there again when it is asked for.
    expect((await network.assay('log', 'list')).code).toBe(0);
    await folder.remove();
  });

  it('says what needs the full log, and has it when that is chosen', async () => {
    await visit(async (app) => {
      await app.open('/log');
      await app.sees('Browsing the entries needs the full log.');
      await app.open('/search?q=look');
      await app.sees('Searching by anything but an exact name needs the full log.');
      await app.open('/search?q=looked');
      await app.page.getByRole('link', { name: /looked 1\.1\.0/ }).waitFor();
      await app.open('/settings');
      await choose(app.page, 'Full');
      await app.sees('this node is full now');
      await app.open('/search?q=look');
      await app.page.getByRole('link', { name: /looked 1\.1\.0/ }).waitFor();
    });
  });

  it('follows the log as it grows', async () => {
    await visit(async (app) => {
      await app.openVersion('pkg:npm/later@1.0.0');
      await app.verdict('not-in-log');
      await network.addPackage('pkg:npm/later@1.0.0');
      await app.openVersion('pkg:npm/later@1.0.0');
      await app.fetch();
      await app.verdict('verified');
      await app.rung('history', 'pass');
    });
  });
});

describe.each<[string, (bundle: LookupBundle) => LookupBundle]>([
  [
    'with one flipped byte',
    (bundle) => ({
      ...bundle,
      events: bundle.events.map((one) => ({ ...one, leafHash: flipped(one.leafHash) })),
    }),
  ],
  ['with a truncated list of events', (bundle) => ({ ...bundle, events: bundle.events.slice(0, -1) })],
  [
    'with a wrong record',
    (bundle) => ({
      ...bundle,
      records: bundle.records.map((one) => ({ ...one, bytes: flipped(one.bytes) })),
    }),
  ],
])('a relay that answers lookups %s', (_, change) => {
  it('is refused and named, and nothing of it is shown as verified', async () => {
    await visit(async (app) => {
      tamper(change);
      await app.openVersion(PURL);
      await app.sees(proxy.url);
      expect(await app.page.locator('[data-verdict="verified"]').count()).toBe(0);
      expect(await app.saveButton.count()).toBe(0);
      await app.follow('Network');
      await app.sees(/not usable|does not hold/);
    });
  });

  it('is passed over for an honest one', async () => {
    const honest = [onlyMirrors([proxy.url, network.url]), allowingConnections(network.url)];
    proxy.tamperings = honest;
    await visit(async (app) => {
      proxy.tamperings = [lying(change), ...honest];
      await app.openVersion(PURL);
      await app.fetch();
      await app.verdict('verified');
    });
  });
});

describe('a relay that answers lookups out of an old log', () => {
  it('is refused and named', async () => {
    const old = await lookupOf(PURL);
    registry.publish(smallRelease('newest'));
    await network.addPackage('pkg:npm/newest@1.0.0');
    await visit(async (app) => {
      await app.openVersion('pkg:npm/newest@1.0.0');
      await app.rung('inclusion', 'pass');
      tamper(() => old);
      await app.openVersion(PURL);
      await app.sees(/old checkpoint of \d+ entries/);
      expect(await app.page.locator('[data-verdict="verified"]').count()).toBe(0);
    });
  });
});

async function lookupOf(purl: string): Promise<LookupBundle> {
  const response = await fetch(`${network.url}/lookup/${encodeURIComponent(purl)}`);
  return unwrap(decodeLookup(new Uint8Array(await response.arrayBuffer())));
}
