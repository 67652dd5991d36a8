// Every page of the real app: nothing for axe to find, no sideways scroll at 320 px, nothing against the CSP, no task that blocks;
// and the page that judges files from this device, from the keyboard to the verdict.
import { AxeBuilder } from '@axe-core/playwright';
import type { FileChooser, Locator } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { App } from './harness/app.ts';
import { FakeRegistry, largeRelease, smallRelease } from './harness/fake-registry.ts';
import { mainThreadTasks } from './harness/main-thread.ts';
import { Network } from './harness/network.ts';
import { TestBrowser, type Download, type Visitor } from './harness/test-browser.ts';

const MIB = 1024 * 1024;
/** Processor time of one task: on a machine that does other things at once, a task lasts longer than it works. */
const LONGEST_TASK_MS = 50;
/** A busy loop that gets more than that even where it has to share the processor. */
const BUSY_LOOP_MS = 400;
const shown = smallRelease('shown');
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
  '/verify',
  '/log',
  '/log/0',
  '/log/2',
  '/log/checkpoint',
  '/network',
  '/authorities',
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
  registry.publish(shown);
  registry.publish(smallRelease('asked'));
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

describe('the main thread', () => {
  it('works no longer than 50 ms at a stretch: open, search, fetch and verify 12 MB, request', async () => {
    await browser.visit(async ({ page }) => {
      const app = new App(page, network.url);
      const tasks = await mainThreadTasks(page, async () => {
        await app.open();
        await page.getByRole('searchbox').first().fill('heavy');
        await page.keyboard.press('Enter');
        await page.getByRole('main').getByRole('link', { name: 'heavy' }).click();
        await app.fetch();
        await app.verdict('verified');
        await app.request('pkg:npm/asked@1.0.0');
      });
      const longest = Math.max(...tasks.map(({ wall }) => wall));
      console.log(
        `busiest of ${tasks.length} tasks on the main thread: ${tasks[0]?.busy} ms of processor time; longest by the clock: ${longest} ms`,
      );
      const tooLong = tasks.filter(({ busy }) => busy > LONGEST_TASK_MS);
      expect(tooLong.map(({ busy, mostly }) => `${busy} ms, mostly ${mostly}`).join('\n')).toBe('');
    });
  });

  it('is seen when it does', async () => {
    await browser.visit(async ({ page }) => {
      await new App(page, network.url).open();
      const [busiest] = await mainThreadTasks(page, async () => {
        await page.evaluate((ms) => {
          const end = performance.now() + ms;
          while (performance.now() < end);
        }, BUSY_LOOP_MS);
      });
      expect(busiest?.busy).toBeGreaterThan(LONGEST_TASK_MS);
    });
  });
});

describe('files from this device', () => {
  const tarball: Download = { name: 'shown-1.0.0.tgz', bytes: shown.tarball };
  let visitor: Visitor;
  let app: App;
  let evidence: Download;

  beforeAll(async () => {
    visitor = await browser.visitor();
    app = new App(visitor.page, network.url);
    await app.openVersion('pkg:npm/shown@1.0.0');
    await app.fetch();
    await app.verdict('verified');
    evidence = await visitor.download(() => app.exportButton.click());
  });

  beforeEach(async () => {
    await app.open('/verify');
  });

  afterAll(async () => {
    visitor.insistOnSilence();
    await visitor.leave();
  });

  /** Presses Tab until an element has the focus. */
  async function tabTo(wanted: Locator): Promise<void> {
    for (let presses = 0; presses < 60; presses++) {
      await visitor.page.keyboard.press('Tab');
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error('the Tab key does not lead there');
  }

  /** Chooses files by keyboard alone, and gives the card of the first one. */
  async function give(...files: readonly Download[]): Promise<Locator> {
    const { page } = visitor;
    const chooser = new Promise<FileChooser>((resolve) => page.once('filechooser', resolve));
    await tabTo(page.getByRole('button', { name: /^Drop/ }));
    await page.keyboard.press('Enter');
    const chosen = files.map(({ name, bytes }) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(bytes),
    }));
    await (await chooser).setFiles(chosen);
    const card = page.getByRole('article', { name: files[0]?.name ?? '', exact: true });
    await card.locator('[data-verdict]').waitFor();
    return card;
  }

  const verdictOf = (card: Locator): Promise<string | null> =>
    card.locator('[data-verdict]').getAttribute('data-verdict');

  /** The rungs in a state, from the bottom up. */
  const rungs = (card: Locator, state: 'pass' | 'fail' | 'missing'): Promise<(string | null)[]> =>
    card
      .locator(`[data-rung][data-state="${state}"]`)
      .evaluateAll((all) => all.map((one) => one.getAttribute('data-rung')));

  const ladder = ['bytes', 'blocks', 'record', 'inclusion', 'quorum', 'history', 'agreement'];

  it('Verified with the whole ladder: the file by itself, and evidence together with the file', async () => {
    const alone = await give(tarball);
    expect([await verdictOf(alone), await rungs(alone, 'pass')]).toEqual(['verified', ladder]);
    await alone.getByRole('link', { name: 'shown 1.0.0' }).waitFor();

    await app.open('/verify');
    const both = await give(evidence, tarball);
    expect([await verdictOf(both), await rungs(both, 'pass')]).toEqual(['verified', ladder]);
    // The ladder opens by keyboard too.
    await tabTo(both.locator('summary', { hasText: 'Evidence' }).first());
    await visitor.page.keyboard.press('Enter');
    await tabTo(both.locator('[data-rung="quorum"] summary'));
    await visitor.page.keyboard.press('Enter');
    await both.locator('[data-rung="quorum"]').getByRole('button', { name: 'Run again' }).waitFor();
  });

  it('Could not check: evidence without the file, for nothing is said of bytes nobody has seen', async () => {
    const card = await give(evidence);
    expect([await verdictOf(card), await rungs(card, 'missing')]).toEqual([
      'could-not-check',
      ['bytes', 'blocks'],
    ]);
    expect(await rungs(card, 'pass')).toEqual(ladder.slice(2));
  });

  it('Mismatch: a file with one flipped bit fails at its digest', async () => {
    const card = await give(evidence, { ...tarball, bytes: withFlippedBit(tarball.bytes) });
    expect(await verdictOf(card)).toBe('mismatch');
    expect(await rungs(card, 'fail')).toEqual(['bytes', 'blocks']);
    await card.getByText(/^Do not use this file\. The SHA-256 of the file is/).waitFor();
  });

  it('Mismatch: evidence with one changed signature fails at the quorum', async () => {
    const bytes = Buffer.from(
      textOf(evidence).replace(/.(?=.{20}\\n",)/, (one) => (one === 'A' ? 'B' : 'A')),
    );
    const card = await give({ ...evidence, bytes }, tarball);
    expect(await verdictOf(card)).toBe('mismatch');
    expect(await rungs(card, 'fail')).toEqual(['quorum']);
    await card.getByText(/^Do not use this file\./).waitFor();
  });

  it.each([
    ['cut off', () => textOf(evidence).slice(0, -100), 'The text is not JSON'],
    ['hollow', () => '{"format":"assay-evidence/1"}', /The field \$\.\w+ is missing/],
  ])('refuses evidence that is %s, with the reason', async (_, text, reason) => {
    const card = await give({ ...evidence, bytes: Buffer.from(text()) }, tarball);
    expect(await verdictOf(card)).toBe('could-not-check');
    await card
      .getByText(/^The evidence file is not usable: /)
      .filter({ hasText: reason })
      .waitFor();
  });

  it('Not in log: bytes that nobody has recorded', async () => {
    const noise = await give({ name: 'noise.tgz', bytes: new Uint8Array(100_000).fill(7) });
    expect(await verdictOf(noise)).toBe('not-in-log');
    await noise.getByText(/^None of the \d+ entries this tab has checked records these bytes\.$/).waitFor();
  });
});

const textOf = ({ bytes }: Download): string => new TextDecoder().decode(bytes);

function withFlippedBit(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  const middle = changed.length >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 1;
  return changed;
}
