// Every page of the real app: nothing for axe to find, no sideways scroll at 320 px, nothing against the CSP, no long tasks.
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { FakeRegistry, largeRelease, smallRelease } from './harness/fake-registry.ts';
import { Network } from './harness/network.ts';
import { TestBrowser, type Visitor } from './harness/test-browser.ts';

const MIB = 1024 * 1024;
/** What the design allows is 50 ms; a machine that does other things at once takes longer for the same task. */
const LONGEST_TASK_MS = 200;
const NARROW = { width: 320, height: 640 };

const pages = [
  '/',
  '/search?q=shown',
  '/search?q=nothing-like-that',
  '/p/npm/shown',
  '/p/npm/shown@1.0.0',
  '/p/npm/shown@1.0.0/files',
  '/p/npm/shown@1.0.0/files/index.js',
  '/p/npm/absent@1.0.0',
  '/request?purl=pkg%3Anpm%2Fshown%401.0.0',
  '/log',
  '/log/0',
  '/log/2',
  '/log/checkpoint',
  '/network',
  '/storage',
  '/settings',
  '/browser',
  '/help',
  '/no/such/page',
] as const;

let registry: FakeRegistry;
let network: Network;
let browser: TestBrowser;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(smallRelease('shown'));
  registry.publish(largeRelease('heavy', 12 * MIB));
  [network, browser] = await Promise.all([Network.start({ registry: registry.url() }), TestBrowser.start()]);
  await network.addPackage('pkg:npm/shown@1.0.0');
  await network.addPackage('pkg:npm/heavy@1.0.0');
});

afterAll(async () => {
  await browser?.stop();
  await network?.stop();
  await registry?.stop();
});

describe('at 320 pixels, light and dark', () => {
  let visitor: Visitor;
  let app: App;

  beforeAll(async () => {
    visitor = await browser.visitor({ viewport: NARROW });
    app = new App(visitor.page, network.url);
    await app.openVersion('pkg:npm/shown@1.0.0');
    await app.fetch();
  });

  afterAll(async () => {
    visitor.insistOnSilence();
    await visitor.leave();
  });

  it.each(pages)('%s', async (path) => {
    const { page } = visitor;
    await app.open(path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    const tooWide = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth - clientWidth;
    });
    expect(tooWide, 'pixels beyond the right edge').toBeLessThanOrEqual(0);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
        .analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
      expect(found, colorScheme).toEqual([]);
    }
  });
});

it('keeps the main thread free while 12 MB are fetched, verified and stored', async () => {
  await browser.visit(async ({ page }) => {
    const app = new App(page, network.url);
    await app.openVersion('pkg:npm/heavy@1.0.0');
    await page.evaluate(() => {
      const tasks: number[] = [];
      Object.assign(globalThis, { tasks });
      new PerformanceObserver((list) => {
        tasks.push(...list.getEntries().map(({ duration }) => duration));
      }).observe({ type: 'longtask' });
    });
    await app.fetch();
    await app.verdict('verified');
    const tasks = await page.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    console.log(
      `longest task on the main thread: ${Math.max(0, ...tasks)} ms of ${tasks.length} above 50 ms`,
    );
    expect(Math.max(0, ...tasks)).toBeLessThanOrEqual(LONGEST_TASK_MS);
  });
});
