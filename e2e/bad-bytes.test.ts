// Mirrors that flip, cut, swap or withhold: their bytes never reach store or page, they are named, and another serves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { FakeRegistry, largeRelease, smallRelease, type Release } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { TamperingProxy, type Tampering } from './harness/tampering-proxy.ts';
import {
  allowingConnections,
  ARTIFACTS,
  blocked,
  changed,
  flipped,
  missing,
  onlyMirrors,
  truncated,
} from './harness/tamperings.ts';
import { TestBrowser } from './harness/test-browser.ts';

const KIB = 1024;
/** Blocks of 1 KiB in one and of 32 KiB in the other. */
const small = smallRelease('small');
const large = largeRelease('large', 600 * KIB);

/** What a lying mirror does to the packs it serves. */
const lies: readonly { lie: string; of: Release; tampering: Tampering }[] = [
  { lie: 'flips a bit', of: small, tampering: flipped(ARTIFACTS) },
  { lie: 'flips a bit', of: large, tampering: flipped(ARTIFACTS) },
  { lie: 'cuts the pack short', of: large, tampering: truncated(ARTIFACTS) },
  { lie: 'serves the blocks in another order', of: small, tampering: swapped(KIB) },
  {
    lie: 'serves other blocks',
    of: large,
    tampering: changed(ARTIFACTS, (body) => new Uint8Array(body.length)),
  },
];

let registry: FakeRegistry;
let network: Network;
let proxy: TamperingProxy;
let browser: TestBrowser;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  for (const release of [small, large]) registry.publish(release);
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  for (const { name, version } of [small, large]) await network.addPackage(`pkg:npm/${name}@${version}`);
  proxy = await TamperingProxy.start(network.url);
});

afterAll(async () => {
  await browser?.stop();
  await proxy?.stop();
  await network?.stop();
  await registry?.stop();
});

/** Exchanges the first two blocks of every answer. */
function swapped(blockSize: number): Tampering {
  return changed(ARTIFACTS, (body) => {
    const bytes = body.slice();
    if (bytes.length < 2 * blockSize) return bytes.fill(7);
    bytes.copyWithin(0, blockSize, 2 * blockSize);
    bytes.set(body.subarray(0, blockSize), blockSize);
    return bytes;
  });
}

const expected = [/Failed to load resource/];

describe.each(lies)('a mirror that $lie of the package $of.name', ({ of, tampering }) => {
  const purl = `pkg:npm/${of.name}@${of.version}`;

  it('is dropped and named, and an honest one serves', async () => {
    proxy.tamperings = [tampering, onlyMirrors([proxy.url, network.url]), allowingConnections(network.url)];
    await browser.visit(
      async (visitor) => {
        const app = new App(visitor.page, proxy.url);
        await app.openVersion(purl);
        await app.fetch();
        await app.verdict('verified');
        const { bytes } = await visitor.download(() => app.saveButton.click());
        expect(Buffer.compare(bytes, of.tarball)).toBe(0);
        const dropped = visitor.page.getByRole('list', { name: 'Dropped sources' });
        expect(await dropped.textContent()).toContain(`${new URL(proxy.url).host} (mirror) dropped.`);
        expect(await dropped.textContent()).not.toContain(new URL(network.url).host);
      },
      { expected },
    );
  });

  it('gets nothing stored and nothing called verified when it is the only one', async () => {
    proxy.tamperings = [tampering, onlyMirrors()];
    await browser.visit(
      async ({ page }) => {
        const app = new App(page, proxy.url);
        await app.openVersion(purl);
        await page.getByRole('button', { name: 'Get it' }).click();
        await page.getByRole('button', { name: 'Try again' }).waitFor();
        await page
          .getByRole('list', { name: 'Dropped sources' })
          .getByText(new URL(proxy.url).host)
          .waitFor();
        const verdict = await page.locator('[data-verdict]').getAttribute('data-verdict');
        expect(verdict).toMatch(/^(?:could-not-check|mismatch)$/);
        await expectNothingHeld(app, purl);
      },
      { expected },
    );
  });
});

it('without any mirror that has it: Could not check, with the reason', async () => {
  for (const tampering of [missing(ARTIFACTS), blocked(ARTIFACTS)]) {
    proxy.tamperings = [tampering, onlyMirrors()];
    await browser.visit(
      async ({ page }) => {
        const app = new App(page, proxy.url);
        await app.openVersion('pkg:npm/small@1.0.0');
        await page.getByRole('button', { name: 'Get it' }).click();
        await page.getByRole('button', { name: 'Try again' }).waitFor();
        await app.verdict('could-not-check');
        await expectNothingHeld(app, 'pkg:npm/small@1.0.0');
      },
      { expected },
    );
  }
});

/** No bytes of the version are in the store, and none are given out. */
async function expectNothingHeld(app: App, purl: string): Promise<void> {
  const { page } = app;
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const name = purl.replace(/^pkg:npm\//, '');
  const answer = await page.evaluate(async (address) => {
    const { status, headers } = await fetch(address);
    return { status, type: headers.get('content-type') };
  }, `/npm/${name}/index.js`);
  expect(answer.status).toBeGreaterThanOrEqual(502);
  expect(answer.type).toContain('json');
  await app.open('/storage', 'any');
  await page.getByText('No artifact is stored here yet.').waitFor();
}
