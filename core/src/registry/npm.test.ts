import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNpmRegistry } from './npm.ts';
import { setUpRegistry, type RegistrySetup } from './registry.fixture.ts';
import type { RegistryHandler } from './types.ts';

const packageJson = (name: string, version: string, more: object = {}): string =>
  JSON.stringify({ name, version, description: `${name} for tests`, bin: { [name]: 'cli.js' }, ...more });

let setup: RegistrySetup;
let registry: RegistryHandler;

beforeAll(async () => {
  setup = await setUpRegistry({
    'pkg:npm/one@1.0.0': { 'package.json': packageJson('one', '1.0.0'), 'cli.js': '' },
    'pkg:npm/one@1.10.0': {
      'package.json': packageJson('one', '1.10.0', {
        scripts: { postinstall: 'x' },
        dependencies: { two: '^1.0.0' },
      }),
    },
    'pkg:npm/one@1.9.0': { 'package.json': packageJson('one', '1.9.0') },
    'pkg:npm/one@2.0.0-rc.1': { 'package.json': packageJson('one', '2.0.0-rc.1') },
    'pkg:npm/%40scope/two@1.0.0': { 'package.json': packageJson('@scope/two', '1.0.0') },
  });
  registry = createNpmRegistry(setup.packages);
});
beforeEach(() => {
  setup.peer.mode = 'honest';
});

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  registry.handle(new Request(`http://127.0.0.1:7473/registry/npm${path}`, init));
type Json = Readonly<Record<string, unknown>> & {
  readonly dist: { readonly integrity: string };
  readonly versions: object;
  readonly time: Readonly<Record<string, string>>;
};
const askJson = async (path: string): Promise<Json> => (await (await ask(path)).json()) as Json;

describe('npm registry', () => {
  it('lists exactly the logged versions, the highest release being the latest', async () => {
    const document = await askJson('/one');
    expect(Object.keys(document.versions).toSorted()).toEqual(['1.0.0', '1.10.0', '1.9.0', '2.0.0-rc.1']);
    expect(document['dist-tags']).toEqual({ latest: '1.10.0' });
    expect(document.time['1.0.0']).toMatch(/^2026-/);
    expect(await askJson('/-/package/one/dist-tags')).toEqual({ latest: '1.10.0' });
  });

  it('takes what npm needs to install out of the verified package.json', async () => {
    const manifest = await askJson('/one/latest');
    expect(manifest).toMatchObject({
      name: 'one',
      version: '1.10.0',
      bin: { one: 'cli.js' },
      dependencies: { two: '^1.0.0' },
      hasInstallScript: true,
      dist: { tarball: 'http://127.0.0.1:7473/registry/npm/one/-/one-1.10.0.tgz' },
    });
    expect(manifest.dist.integrity).toMatch(/^sha512-/);
  });

  it('hands out the verified tarball', async () => {
    const response = await ask('/one/-/one-1.0.0.tgz');
    const tarball = setup.tarballs.get('pkg:npm/one@1.0.0');
    expect(response.status).toBe(200);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(tarball);
    expect(response.headers.get('content-length')).toBe(String(tarball?.length));
    expect(response.headers.get('x-assay-log-size')).toBe('12');
    expect(response.headers.get('x-assay-as-of')).toMatch(/^2026-.*Z$/);
  });

  it.each(['/@scope/two', '/@scope%2ftwo', '/@scope%2Ftwo', '/%40scope%2ftwo'])('knows %s', async (path) => {
    expect((await askJson(path))['name']).toBe('@scope/two');
    const response = await ask(`${path}/-/two-1.0.0.tgz`);
    expect(response.status).toBe(200);
  });

  it('answers HEAD without a body, ping, and the advisories that npm audit asks for', async () => {
    const head = await ask('/one', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(await askJson('/-/ping')).toEqual({});
    const bulk = await ask('/-/npm/v1/security/advisories/bulk', { method: 'POST', body: '{}' });
    expect([bulk.status, await bulk.json()]).toEqual([200, {}]);
  });

  it('says 404 with a reason only for what the log proves to be absent', async () => {
    for (const path of ['/none', '/one/9.9.9', '/one/-/one-9.9.9.tgz']) {
      const response = await ask(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        code: 'E_REGISTRY_NOT_IN_LOG',
        error: expect.stringContaining('log'),
        reason: expect.any(String),
      });
    }
  });

  it('asks whether the log has grown before it calls a version absent', async () => {
    let asked = 0;
    const versions = async (name: string) => (await setup.packages.versions(name)).slice(asked === 0 ? 1 : 0);
    const [newest] = await setup.packages.versions('one');
    const refresh = () => Promise.resolve(void asked++);
    const { handle } = createNpmRegistry({ ...setup.packages, versions, refresh });
    for (const path of [newest?.version, `-/${newest?.record.artifacts[0]?.name}`]) {
      asked = 0;
      expect((await handle(new Request(`http://x/registry/npm/one/${path}`))).status).toBe(200);
      expect(asked).toBe(1);
    }
  });

  it('says 503 and when to ask again while nobody has the bytes', async () => {
    const fresh = await setUpRegistry({
      'pkg:npm/one@1.0.0': { 'package.json': packageJson('one', '1.0.0') },
    });
    const { handle } = createNpmRegistry(fresh.packages);
    const tarball = new Request('http://x/registry/npm/one/-/one-1.0.0.tgz');
    for (const mode of ['gone', 'lying'] as const) {
      fresh.peer.mode = mode;
      const response = await handle(tarball);
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await response.json()).toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' });
    }
    const document = await handle(new Request('http://x/registry/npm/one'));
    expect(Object.keys(((await document.json()) as { versions: object }).versions)).toEqual(['1.0.0']);
    fresh.peer.mode = 'honest';
    expect((await handle(tarball)).status).toBe(200);
  });

  it('does not say 404 while the log is not synced', async () => {
    const { handle } = createNpmRegistry({ ...setup.packages, provesAbsence: () => false });
    expect((await handle(new Request('http://x/registry/npm/none'))).status).toBe(503);
  });

  it.each([
    ['/one', 'PUT', 405],
    ['/Not A Name', 'GET', 400],
    ['/one/a/b/c', 'GET', 404],
    ['/%ff', 'GET', 404],
    ['/@scope', 'GET', 404],
  ])('refuses %s %s', async (path, method, status) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code: expect.stringMatching(/^E_/) });
  });
});
