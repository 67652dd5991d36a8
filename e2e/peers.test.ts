// Two browsers, and no mirror that serves the second: it gets the artifact from the first, over WebRTC.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright';
import { App } from './harness/app.ts';
import { eventually } from './harness/eventually.ts';
import { FakeRegistry, largeRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { TamperingProxy } from './harness/tampering-proxy.ts';
import { ARTIFACTS, blocked } from './harness/tamperings.ts';
import { TestBrowser } from './harness/test-browser.ts';

const MIB = 1024 * 1024;
const release = largeRelease('carried', 2 * MIB);
const PURL = 'pkg:npm/carried@1.0.0';
/** Reservation, signalling, gossip and log: a few percent of the artifact. */
const SIGNALLING_BYTES = 200_000;

let registry: FakeRegistry;
let network: Network;
let proxy: TamperingProxy;
let browser: TestBrowser;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(release);
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  await network.addPackage(PURL);
  proxy = await TamperingProxy.start(network.url);
  proxy.tamperings = [blocked(ARTIFACTS)];
});

afterAll(async () => {
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

it('gets an artifact from another tab over WebRTC, verified as always; the relay carries signalling only', async () => {
  await browser.visit(async (holder) => {
    const holding = new App(holder.page, network.url);
    await holding.openVersion(PURL);
    await holding.fetch();
    await eventually('the holder to be connected to its relay', async () => {
      return (await network.status()).relay.peers > network.authorityCount;
    });
    await browser.visit(
      async (seeker) => {
        const carried = countWebSocketBytes(seeker.page);
        const app = new App(seeker.page, proxy.url);
        await app.openVersion(PURL);
        await app.verdict('could-not-check');
        await app.fetch();
        await app.verdict('verified');
        const { bytes } = await seeker.download(() => app.saveButton.click());
        expect(Buffer.compare(bytes, release.tarball)).toBe(0);

        expect(carried()).toBeGreaterThan(0);
        expect(carried()).toBeLessThan(SIGNALLING_BYTES);
        await app.follow('Network');
        const tab = seeker.page.locator('[data-peer="tab"]');
        await tab.getByText('webrtc, direct').waitFor();
        expect(await tab.locator('[data-label="Received"]').textContent()).toMatch(/^2\.\d MB$/);
        const relay = seeker.page.locator('[data-peer="relay"]').first();
        expect(await relay.locator('[data-label="Received"]').textContent()).toBe('0 bytes');
      },
      { expected: [/Failed to load resource: net::ERR_EMPTY_RESPONSE/] },
    );
  });
});
