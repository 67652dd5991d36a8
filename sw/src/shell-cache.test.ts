import { describe, expect, it } from 'vitest';
import { FakeApp } from './fake-app.fixture.ts';
import { FakeCaches } from './fake-caches.fixture.ts';
import { ShellCache } from './shell-cache.ts';

const files = {
  '/index.html': '<!doctype html>',
  '/assets/app-1.js': 'export {};',
  '/manifest.webmanifest': '{}',
};

function setUp(buildId = 'one') {
  const app = new FakeApp(buildId, files);
  const caches = new FakeCaches();
  const shell = new ShellCache({ manifest: app.manifest, caches, fetch: app.fetch });
  return { app, caches, shell };
}

/** An answer and what makes it unfit. */
const unfit: readonly (readonly [string, () => Response | Promise<Response>])[] = [
  ['a 404', () => new Response('{}', { status: 404, headers: { 'content-type': 'text/javascript' } })],
  [
    'a page in place of a script',
    () => new Response('export {};', { headers: { 'content-type': 'text/html' } }),
  ],
  ['an answer without a type', () => new Response(new Blob(['export {};']))],
  [
    'the file of another build',
    () => new Response('other', { headers: { 'content-type': 'text/javascript' } }),
  ],
  ['no answer', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['half an answer', () => new Response(brokenBody(), { headers: { 'content-type': 'text/javascript' } })],
];

function brokenBody(): ReadableStream {
  return new ReadableStream({ pull: (controller) => controller.error(new TypeError('network error')) });
}

describe('ShellCache', () => {
  it('stores every file under the name of its build', async () => {
    const { caches, shell } = setUp();
    await shell.install();
    expect([...caches.held.keys()]).toEqual(['assay-shell-one']);
    const page = await shell.find('/index.html');
    expect([page?.status, await page?.text()]).toEqual([200, '<!doctype html>']);
    expect(page?.headers.get('x-assay-handler')).toBe('shell');
    expect(await shell.find('/none.js')).toBeUndefined();
  });

  it.each(unfit)('stores nothing at all when one file comes as %s', async (_title, answer) => {
    const { app, caches, shell } = setUp();
    app.spoiled.set('/assets/app-1.js', answer);
    await expect(shell.install()).rejects.toMatchObject({
      code: 'E_SHELL_FILE',
      fields: { path: '/assets/app-1.js' },
    });
    expect(caches.held.size).toBe(0);
  });

  it('leaves no half of an app when there is no room for the whole', async () => {
    const { caches, shell } = setUp();
    caches.isFull = true;
    await expect(shell.install()).rejects.toThrow('no room');
    expect(caches.held.size).toBe(0);
  });

  it('does not ask for files it has: the worker alone may be new', async () => {
    const { app, shell } = setUp();
    await shell.install();
    app.asked.length = 0;
    await shell.install();
    expect(app.asked).toEqual([]);
  });

  it('drops the headers of transport, which say nothing about a stored copy', async () => {
    const { app, shell } = setUp();
    app.headers = {
      'content-encoding': 'gzip',
      vary: 'accept',
      'content-security-policy': "default-src 'none'",
    };
    await shell.install();
    const { headers } = (await shell.find('/index.html')) ?? new Response();
    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual([null, null]);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'");
  });

  it('deletes the caches of other builds, and only those', async () => {
    const { caches, shell } = setUp('two');
    await caches.open('assay-shell-one');
    await caches.open('another');
    await shell.install();
    await shell.deleteOthers();
    expect([...caches.held.keys()]).toEqual(['another', 'assay-shell-two']);
  });

  it('takes over newer headers of the same page, never another page', async () => {
    const { app, shell } = setUp();
    await shell.install();
    const policy = async (): Promise<string | null | undefined> =>
      (await shell.find('/index.html'))?.headers.get('content-security-policy');
    app.headers = { 'content-security-policy': 'new' };
    await shell.refreshPage();
    expect(await policy()).toBe('new');
    app.spoiled.set(
      '/index.html',
      () => new Response('new page', { headers: { 'content-type': 'text/html' } }),
    );
    await shell.refreshPage();
    expect(await (await shell.find('/index.html'))?.text()).toBe('<!doctype html>');
    expect(await policy()).toBe('new');
  });

  it('does not bring back a cache that was deleted', async () => {
    const { caches, shell } = setUp();
    await shell.refreshPage();
    expect(await shell.find('/index.html')).toBeUndefined();
    expect(caches.held.size).toBe(0);
  });
});
