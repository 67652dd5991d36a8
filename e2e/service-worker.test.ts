import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppServer } from './harness/app-server.ts';
import { TestBrowser, type Visitor } from './harness/test-browser.ts';

let browser: TestBrowser;
let server: AppServer;

beforeAll(async () => {
  browser = await TestBrowser.start();
});
afterAll(async () => {
  await browser.stop();
});
beforeEach(async () => {
  server = await AppServer.start();
  server.release('first');
  return () => server.stop();
});

/** There is no network behind this app, and some files are missing on purpose: the browser says so on its console. */
const expected = [/Failed to load resource/];
const visit = (run: (visitor: Visitor) => Promise<void>): Promise<void> => browser.visit(run, { expected });

async function openControlled(page: Page, path = '/'): Promise<void> {
  await page.goto(server.url + path);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

const releaseOf = (page: Page): Promise<string | null> =>
  page.locator('meta[name="release"]').getAttribute('content');

/** Lets the browser look for a newer version now; waits until that one waits, or cannot be installed. */
const lookForUpdate = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
    const newer = registration.installing ?? registration.waiting;
    if (newer === null) return 'nothing new';
    while (newer.state === 'installing') {
      await new Promise((resolve) => newer.addEventListener('statechange', resolve, { once: true }));
    }
    return newer.state;
  });

const shellCaches = (page: Page): Promise<string[]> => page.evaluate(() => caches.keys());
const toast = (page: Page, text: string) => page.locator('.toast', { hasText: text });

describe('the service worker', () => {
  it('answers from the first visit on, and opens every page of the app without a server', async () => {
    await visit(async ({ page }) => {
      await openControlled(page);
      expect(await shellCaches(page)).toEqual(['assay-shell-first']);
      await server.stop();
      for (const path of ['/', '/log', '/help']) {
        await page.goto(server.url + path);
        await page.getByRole('main').waitFor();
        expect(await releaseOf(page)).toBe('first');
      }
    });
  });

  it('lets a missing file of the app be a 404', async () => {
    await visit(async ({ page }) => {
      await openControlled(page);
      expect(await page.evaluate(async () => (await fetch('/assets/gone-1a2b.js')).status)).toBe(404);
    });
  });

  it('says 503 with a reason where there is no network to answer from', async () => {
    await visit(async ({ page }) => {
      await openControlled(page);
      const answer = await page.evaluate(async () => {
        const response = await fetch('/npm/clsx@2.1.1');
        return [response.status, response.headers.get('retry-after'), await response.json()];
      });
      expect(answer).toEqual([503, '5', expect.objectContaining({ code: expect.stringMatching(/^E_/) })]);
    });
  });

  it('offers a new release, and goes over to it only in the tab where the reader wants it', async () => {
    await visit(async ({ page, context }) => {
      await openControlled(page);
      const other = await context.newPage();
      await openControlled(other, '/log');
      server.release('second');
      expect(await lookForUpdate(page)).toBe('installed');
      await toast(other, 'A new version of Assay is ready').waitFor();
      expect([await releaseOf(page), await releaseOf(other)]).toEqual(['first', 'first']);

      const reloaded = page.waitForEvent('load');
      await toast(page, 'A new version of Assay is ready').getByRole('button', { name: 'Reload' }).click();
      await reloaded;
      expect([await releaseOf(page), await releaseOf(other)]).toEqual(['second', 'first']);
      expect(await shellCaches(page)).toEqual(['assay-shell-second']);
    });
  });

  it('stays with the app it has when a release is not whole', async () => {
    await visit(async ({ page }) => {
      await openControlled(page);
      server.release('broken');
      server.spoiled.add('/manifest.webmanifest');
      expect(await lookForUpdate(page)).toBe('redundant');
      expect(await shellCaches(page)).toEqual(['assay-shell-first']);
      await page.reload();
      expect(await releaseOf(page)).toBe('first');

      server.spoiled.clear();
      server.release('mended');
      expect(await lookForUpdate(page)).toBe('installed');
    });
  });

  it('is gone after ?sw=off, and back at the next visit', async () => {
    await visit(async ({ page }) => {
      await openControlled(page);
      await page.goto(`${server.url}/?sw=off`);
      await toast(page, 'The service worker is off').waitFor();
      const left = await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);
      expect([left, await shellCaches(page)]).toEqual([0, []]);
      await openControlled(page);
    });
  });
});
