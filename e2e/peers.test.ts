// Two browsers, and no mirror that answers the second: it gets the log from its relay and artifacts from the first, over WebRTC.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { App } from './harness/app.ts';
import { eventually } from './harness/eventually.ts';
import { FakeRegistry, largeRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { TamperingProxy } from './harness/tampering-proxy.ts';
import { ALL_BUT_THE_APP, blocked, EVERYTHING } from './harness/tamperings.ts';
import { TestBrowser, type Visitor } from './harness/test-browser.ts';

const MIB = 1024 * 1024;
const early = largeRelease('carried', 2 * MIB);
const late = largeRelease('carried-later', 2 * MIB);
const EARLY = 'pkg:npm/carried@1.0.0';
const LATE = 'pkg:npm/carried-later@1.0.0';
/** Reservation, signalling, gossip and log: a few percent of the artifact. */
const SIGNALLING_BYTES = 200_000;
const RUNGS = 7;
const seeking = { expected: [/Failed to load resource: net::ERR_EMPTY_RESPONSE/] };

let registry: FakeRegistry;
let network: Network;
let proxy: TamperingProxy;
let browser: TestBrowser;
let holder: Visitor;
let holding: App;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(early);
  registry.publish(late);
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  await network.addPackage(EARLY);
  proxy = await TamperingProxy.start(network.url);
  holder = await browser.visitor();
  holding = new App(holder.page, network.url);
  await holding.openVersion(EARLY);
  await holding.fetch();
  await eventually('the holder to be connected to its relay', async () => {
    return (await network.status()).relay.peers > network.authorityCount;
  });
});

beforeEach(() => {
  proxy.tamperings = [blocked(ALL_BUT_THE_APP)];
});

afterAll(async () => {
  holder?.insistOnSilence();
  await browser?.stop();
  await proxy?.stop();
  await network?.stop();
  await registry?.stop();
});

/** Bytes that a page has exchanged with relays over WebSockets. */
function countWebSocketBytes(page: Page): () => number {
  let bytes = 0;
  page.on('websocket', (socket) => {
    const count = ({ payload }: { payload: string | Buffer }): void => void (bytes += payload.length);
    socket.on('framesent', count);
    socket.on('framereceived', count);
  });
  return () => bytes;
}

/** Fetches the version that is shown, insists on every rung, and compares what is saved with what was published. */
async function fetchAndCompare(seeker: Visitor, app: App, published: Uint8Array): Promise<void> {
  await app.verdict('could-not-check');
  await app.fetch();
  await app.verdict('verified');
  expect(await seeker.page.locator('[data-rung][data-state="pass"]').count()).toBe(RUNGS);
  const { bytes } = await seeker.download(() => app.saveButton.click());
  expect(Buffer.compare(bytes, published)).toBe(0);
}

/** The network page names WebRTC as the way the artifact came, and the relay as the origin of none of its bytes. */
async function expectAllFromTheOtherTab(page: Page, app: App): Promise<void> {
  await app.follow('Network');
  const tab = page.locator('[data-peer="tab"]');
  await tab.getByText('WebRTC, direct', { exact: true }).waitFor();
  expect(await tab.locator('[data-label="Received"]').textContent()).toMatch(/^2\.\d MB$/);
  const relay = page.locator('[data-peer="relay"]').first();
  expect(await relay.locator('[data-label="Received"]').textContent()).toBe('0 bytes');
  const mirrors = page.getByRole('table', { name: 'Mirrors' }).locator('[data-label="State"]');
  expect(await mirrors.allTextContents()).toEqual(['Failing']);
  // That a relay is silent says nothing of the authorities.
  await app.sees('No report on the authorities can be had now.');
}

it('syncs the log and gets an artifact while no mirror answers anything, verified as always; the relay carries signalling only', async () => {
  await browser.visit(async (seeker) => {
    const carried = countWebSocketBytes(seeker.page);
    const app = new App(seeker.page, proxy.url);
    await app.openVersion(EARLY);
    await fetchAndCompare(seeker, app, early.tarball);
    expect(carried()).toBeGreaterThan(0);
    expect(carried()).toBeLessThan(SIGNALLING_BYTES);
    await expectAllFromTheOtherTab(seeker.page, app);
  }, seeking);
});

it('needs no HTTP at all once it has the app: its origin gone, it still learns of a new record and gets its artifact', async () => {
  await browser.visit(async (seeker) => {
    const app = new App(seeker.page, proxy.url);
    await app.open();
    await seeker.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    proxy.tamperings = [blocked(EVERYTHING)];
    await network.addPackage(LATE);
    await holding.openVersion(LATE);
    await holding.fetch();
    await app.openVersion(LATE);
    await fetchAndCompare(seeker, app, late.tarball);
    await expectAllFromTheOtherTab(seeker.page, app);
  }, seeking);
});
