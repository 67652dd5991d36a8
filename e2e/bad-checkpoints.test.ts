// Relays that show an old, unsigned, wrong or forked log: what the page says of each.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { ForgedLog } from './harness/forged-log.ts';
import { Network } from './harness/network.ts';
import { SigningAuthorities } from './harness/signing-authorities.ts';
import { TamperingProxy, type Tampering } from './harness/tampering-proxy.ts';
import { blocked, onlyMirrors, replaced } from './harness/tamperings.ts';
import { TestBrowser } from './harness/test-browser.ts';

const PURL = 'pkg:npm/listed@1.0.0';
const TWO_DAYS = 2 * 24 * 3600;
const CHECKPOINT = /^\/checkpoint$/;
const expected = [/Failed to load resource/, /ERR_/];

let registry: FakeRegistry;
let network: Network;
let proxy: TamperingProxy;
let browser: TestBrowser;
let authorities: SigningAuthorities;
let checkpoint: Uint8Array;
let forged: ForgedLog;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(smallRelease('listed'));
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  const index = await network.addPackage(PURL);
  proxy = await TamperingProxy.start(network.url);
  authorities = await SigningAuthorities.of(network);
  checkpoint = await network.checkpoint(index + 2);
  forged = await ForgedLog.write(authorities.trust, await network.entry(index), 3);
});

beforeEach(() => {
  proxy.tamperings = [onlyMirrors()];
});

afterAll(async () => {
  await browser?.stop();
  await proxy?.stop();
  await network?.stop();
  await registry?.stop();
});

/** From now on the relay shows this, and pages see no live events that would hurry them. */
function tamper(...tamperings: readonly Tampering[]): void {
  proxy.tamperings = [...tamperings, blocked(/^\/events$/), onlyMirrors()];
}

function visit(during: (app: App) => Promise<void>): Promise<void> {
  return browser.visit(({ page }) => during(new App(page, proxy.url)), { expected });
}

describe('a relay that serves an old checkpoint', () => {
  it('gets: Verified, stale view, with its age', async () => {
    const time = Math.floor(Date.now() / 1000) - TWO_DAYS;
    tamper(replaced(CHECKPOINT, authorities.signAgain(checkpoint, { time })));
    await visit(async (app) => {
      await app.openVersion(PURL);
      await app.fetch();
      const verdict = await app.verdict('verified-stale');
      expect(await verdict.textContent()).toContain('Verified, stale view');
      expect(await verdict.textContent()).toMatch(/signed 2\s+days ago/);
      expect(await (await app.rung('quorum', 'pass')).textContent()).toMatch(/2\s+days ago/);
    });
  });

  it('cannot take back what the page has seen', async () => {
    await visit(async (app) => {
      await app.openVersion(PURL);
      await app.rung('inclusion', 'pass');
      const old = authorities.checkpoint(await network.treeHead(2), {});
      tamper(replaced(CHECKPOINT, old));
      await app.openVersion(PURL, 'any');
      await app.rung('inclusion', 'pass');
      await app.open('/network', 'any');
      await app.sees('old checkpoint of 2 entries; 4 are known here');
    });
  });
});

describe('a first sight of the log is refused, and the page names the rung', () => {
  it('when the checkpoint has one cosignature too few', async () => {
    const count = authorities.trust.current.policy.quorum - 1;
    tamper(replaced(CHECKPOINT, authorities.signAgain(checkpoint, { count })));
    await visit(async (app) => {
      await app.openVersion(PURL, 'any');
      const rung = await app.rung('quorum', 'fail');
      expect(await rung.textContent()).toMatch(/2 signatures|2 of/);
      await app.verdict('mismatch');
      expect(await app.saveButton.count()).toBe(0);
    });
  });

  it('when a signature under it was changed', async () => {
    const bytes = checkpoint.slice();
    const at = bytes.length - 20;
    bytes[at] = bytes[at] === 65 ? 66 : 65;
    tamper(replaced(CHECKPOINT, bytes));
    await visit(async (app) => {
      await app.openVersion(PURL, 'any');
      await app.rung('quorum', 'fail');
      await app.verdict('mismatch');
    });
  });

  it('when a quorum has signed a root that the entries do not lead to', async () => {
    const root = new Uint8Array(32).fill(1);
    const { size } = await network.treeHead();
    tamper(replaced(CHECKPOINT, authorities.checkpoint({ size, root })));
    await visit(async (app) => {
      await app.openVersion(PURL, 'any');
      await app.sees(`The ${size} entries do not give the root of the checkpoint`);
      await app.verdict('could-not-check');
      expect(await app.saveButton.count()).toBe(0);
      await app.open('/network', 'any');
      await app.sees('Same history as before:');
    });
  });
});

describe('a history that contradicts what the page has seen', () => {
  it('stops it: both checkpoints are kept, and it says which rung failed', async () => {
    await visit(async (app) => {
      await app.openVersion(PURL);
      await app.rung('inclusion', 'pass');
      tamper(replaced(CHECKPOINT, authorities.checkpoint(forged)), forged.tiles());
      await app.openVersion(PURL, 'conflict');
      await app.rung('history', 'fail');
      await app.verdict('mismatch');
      await app.sees('Two checkpoints contradict each other.');
      // Nothing it is told later makes it forget.
      proxy.tamperings = [onlyMirrors()];
      await app.openVersion(PURL, 'conflict');
      await app.rung('history', 'fail');
    });
  });

  it('signed by a minority is only refused', async () => {
    await visit(async (app) => {
      await app.openVersion(PURL);
      await app.rung('inclusion', 'pass');
      tamper(replaced(CHECKPOINT, authorities.checkpoint(forged, { count: 2 })), forged.tiles());
      await app.openVersion(PURL, 'any');
      await app.rung('history', 'pass');
      await app.fetch();
      await app.verdict('verified');
      await app.open('/network', 'any');
      await app.sees('Failing');
    });
  });
});
