import { beforeAll, describe, expect, it } from 'vitest';
import { createNpmFiles } from './npm-files.ts';
import { setUpRegistry, type RegistrySetup } from './registry.fixture.ts';
import type { RegistryHandler } from './types.ts';

let setup: RegistrySetup;
let files: RegistryHandler;

beforeAll(async () => {
  setup = await setUpRegistry({
    'pkg:npm/lib@1.0.0': {
      'package.json': JSON.stringify({
        name: 'lib',
        version: '1.0.0',
        main: './main.cjs',
        exports: {
          '.': { node: './node.js', import: './esm.js' },
          './sub': './src/sub.js',
          './x/*': './src/*.js',
        },
      }),
      'esm.js': 'export const answer = 42;',
      'main.cjs': '',
      'src/sub.js': 'export {};',
      'page.html': '<script>alert(1)</script>',
      'data.json': '{}',
      'code.wasm': 'asm',
      LICENSE: 'free',
    },
    'pkg:npm/lib@1.2.0': {
      'package.json': JSON.stringify({ name: 'lib', version: '1.2.0', main: 'lib' }),
      'lib/index.js': 'export {};',
    },
    'pkg:npm/%40s/p@1.0.0': { 'package.json': '{"name":"@s/p","version":"1.0.0"}', 'index.js': 'export {};' },
  });
  files = createNpmFiles(setup.packages);
});

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  files.handle(new Request(`http://127.0.0.1:7473/npm/${path}`, init));
const locationOf = async (path: string): Promise<[number, string | undefined]> => {
  const { status, headers } = await ask(path);
  return [status, headers.get('location')?.replace('http://127.0.0.1:7473/npm/', '')];
};

describe('npm files', () => {
  it('hands out a file of a verified tarball with its type', async () => {
    const response = await ask('lib@1.0.0/esm.js');
    expect([response.status, await response.text()]).toEqual([200, 'export const answer = 42;']);
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-assay-handler')).toBe('npm-files');
    for (const [path, type] of [
      ['main.cjs', 'text/javascript; charset=utf-8'],
      ['data.json', 'application/json; charset=utf-8'],
      ['code.wasm', 'application/wasm'],
      ['LICENSE', 'text/plain; charset=utf-8'],
    ]) {
      expect((await ask(`lib@1.0.0/${path}`)).headers.get('content-type')).toBe(type);
    }
  });

  it('shows pages of packages in a sandbox', async () => {
    const policy = (await ask('lib@1.0.0/page.html')).headers.get('content-security-policy');
    expect(policy).toMatch(/^sandbox;/);
  });

  it('redirects to the one file that is meant', async () => {
    expect(await locationOf('lib@1.0.0')).toEqual([302, 'lib@1.0.0/esm.js']);
    expect(await locationOf('lib@1.0.0/')).toEqual([302, 'lib@1.0.0/esm.js']);
    expect(await locationOf('lib@1.0.0/sub')).toEqual([302, 'lib@1.0.0/src/sub.js']);
    expect(await locationOf('lib@1.0.0/x/sub')).toEqual([302, 'lib@1.0.0/src/sub.js']);
    expect(await locationOf('lib@1.0.0/src/sub')).toEqual([302, 'lib@1.0.0/src/sub.js']);
    expect(await locationOf('lib')).toEqual([302, 'lib@1.2.0/lib/index.js']);
    expect(await locationOf('@s/p@1.0.0')).toEqual([302, '@s/p@1.0.0/index.js']);
  });

  it('answers HEAD, ranges and conditional requests', async () => {
    const whole = await ask('lib@1.0.0/esm.js', { method: 'HEAD' });
    expect([whole.headers.get('content-length'), await whole.text()]).toEqual(['25', '']);
    const etag = whole.headers.get('etag') ?? '';
    expect((await ask('lib@1.0.0/esm.js', { headers: { 'if-none-match': etag } })).status).toBe(304);
    const part = await ask('lib@1.0.0/esm.js', { headers: { range: 'bytes=7-11' } });
    expect([part.status, await part.text()]).toEqual([206, 'const']);
    expect(part.headers.get('content-range')).toBe('bytes 7-11/25');
    const tail = await ask('lib@1.0.0/esm.js', { headers: { range: 'bytes=-3' } });
    expect(await tail.text()).toBe('42;');
    const outside = await ask('lib@1.0.0/esm.js', { headers: { range: 'bytes=25-' } });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */25']);
    const other = { headers: { range: 'bytes=7-11', 'if-range': '"other"' } };
    expect((await ask('lib@1.0.0/esm.js', other)).status).toBe(200);
  });

  it.each([
    ['lib@1.0.0/none.js', 404, 'E_REGISTRY_NO_FILE'],
    ['lib@1.0.0/..%2f..%2fsecret', 404, 'E_REGISTRY_NO_FILE'],
    ['lib@9.9.9/x.js', 404, 'E_REGISTRY_NOT_IN_LOG'],
    ['none', 404, 'E_REGISTRY_NOT_IN_LOG'],
    ['lib@1/x.js', 400, 'E_PACKAGE_VERSION'],
    ['%ff', 404, 'E_REGISTRY_ROUTE'],
  ])('says of %s what is wrong', async (path, status, code) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
  });

  it('takes nothing but GET and HEAD, and only its own paths', async () => {
    expect((await ask('lib@1.0.0/esm.js', { method: 'DELETE' })).status).toBe(405);
    expect(files.canHandle(new URL('http://x/npm/lib'))).toBe(true);
    expect(files.canHandle(new URL('http://x/registry/npm/lib'))).toBe(false);
    expect(files.canHandle(new URL('http://x/npm/'))).toBe(false);
  });

  it('never hands out a byte of what does not verify', async () => {
    const fresh = await setUpRegistry({ 'pkg:npm/lib@1.0.0': { 'package.json': '{}', 'index.js': '' } });
    fresh.peer.mode = 'lying';
    const response = await createNpmFiles(fresh.packages).handle(
      new Request('http://x/npm/lib@1.0.0/index.js'),
    );
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'E_REGISTRY_UNAVAILABLE' });
  });
});
