import { describe, expect, it } from 'vitest';
import { FakeApp } from './fake-app.fixture.ts';
import { FakeCaches } from './fake-caches.fixture.ts';
import { runServiceWorker, type WorkerScope } from './service-worker.ts';
import { ShellCache } from './shell-cache.ts';

const ORIGIN = 'http://127.0.0.1:7473';
const files = { '/index.html': 'the page', '/assets/app-1.js': 'the script' };

/** A worker in a scope whose events the test fires, over a server with the app. */
function startWorker(buildId = 'one', caches = new FakeCaches()) {
  const app = new FakeApp(buildId, files);
  const did: string[] = [];
  const listeners = new Map<string, (event: never) => void>();
  const scope = {
    location: { origin: ORIGIN },
    clients: { claim: async () => did.push('claim') },
    skipWaiting: async () => did.push('skipWaiting'),
    fetch: (request: Request) => app.fetch(new URL(request.url).pathname),
    addEventListener: (type: string, listener: (event: never) => void) => listeners.set(type, listener),
  } as unknown as WorkerScope;
  const shell = new ShellCache({ manifest: app.manifest, caches, fetch: app.fetch });
  const answerRegistry = async (): Promise<Response> => new Response('from the registry');
  runServiceWorker(scope, { shell, answerRegistry });

  /** Fires an event; gives what it was answered with, once everything it started has ended. */
  const fire = async (type: string, members: object = {}): Promise<Response | undefined> => {
    const work: Promise<unknown>[] = [];
    const answers: (Response | Promise<Response>)[] = [];
    const event = {
      ...members,
      waitUntil: (promise: Promise<unknown>) => void work.push(promise),
      respondWith: (answer: Response | Promise<Response>) => void answers.push(answer),
    };
    listeners.get(type)?.(event as never);
    await Promise.all(work);
    return await answers[0];
  };
  const visit = (path: string, mode = 'navigate'): Promise<Response | undefined> =>
    fire('fetch', { request: { url: ORIGIN + path, method: 'GET', mode } });
  return { app, caches, did, fire, visit };
}

const textOf = async (response: Response | undefined): Promise<string | undefined> => await response?.text();

describe('the service worker', () => {
  it('stores the app when it is installed, and waits for its turn', async () => {
    const { fire, caches, did } = startWorker();
    await fire('install');
    expect([...caches.held.keys()]).toEqual(['assay-shell-one']);
    expect(did).toEqual([]);
  });

  it('is not installed when a file of the app cannot be had', async () => {
    const { fire, app } = startWorker();
    app.spoiled.set('/assets/app-1.js', () => new Response('<html>', { status: 200 }));
    await expect(fire('install')).rejects.toMatchObject({ code: 'E_SHELL_FILE' });
  });

  it('takes over pages and clears up when it becomes active', async () => {
    const caches = new FakeCaches();
    await startWorker('one', caches).fire('install');
    const { fire, did } = startWorker('two', caches);
    await fire('install');
    expect([...caches.held.keys()]).toEqual(['assay-shell-one', 'assay-shell-two']);
    await fire('activate');
    expect([...caches.held.keys()]).toEqual(['assay-shell-two']);
    expect(did).toEqual(['claim']);
  });

  it.each([
    [{ type: 'SKIP_WAITING' }, ['skipWaiting']],
    [{ type: 'other' }, []],
    [undefined, []],
    ['SKIP_WAITING', []],
  ])('on the message %j: %j', async (data, expected) => {
    const { fire, did } = startWorker();
    await fire('message', { data });
    expect(did).toEqual(expected);
  });

  it('opens every page of the app without the network', async () => {
    const { fire, visit, app } = startWorker();
    await fire('install');
    for (const path of Object.keys(files))
      app.spoiled.set(path, () => Promise.reject(new TypeError('offline')));
    for (const path of ['/', '/p/npm/clsx@2.1.1', '/log']) {
      expect(await textOf(await visit(path))).toBe('the page');
    }
    expect(await textOf(await visit('/assets/app-1.js', 'cors'))).toBe('the script');
  });

  it('goes to the network for what is not stored', async () => {
    const { visit } = startWorker();
    expect(await textOf(await visit('/assets/app-1.js', 'cors'))).toBe('the script');
  });

  it('leaves alone what is not its own, and everything when it is switched off', async () => {
    const { fire, visit } = startWorker();
    await fire('install');
    for (const path of ['/?sw=off', '/checkpoint', '/assets/gone.js']) {
      expect(await visit(path)).toBeUndefined();
    }
  });

  it('hands registry requests to the registries', async () => {
    const { visit } = startWorker();
    expect(await textOf(await visit('/npm/clsx@2.1.1', 'cors'))).toBe('from the registry');
  });
});
