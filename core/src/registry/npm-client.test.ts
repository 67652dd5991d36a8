import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNpmRegistry } from './npm.ts';
import { setUpRegistry, type RegistrySetup } from './registry.fixture.ts';
import type { RegistryHandler } from './types.ts';

const run = promisify(execFile);
const hasNpm = spawnSync('npm', ['--version']).status === 0;

let server: Server;
let setup: RegistrySetup;
let folder: string;
let registryUrl: string;

/** Serves a handler as a gateway would. */
function serve(handler: RegistryHandler): Server {
  return createServer((request, response) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${request.url}`;
    void handler.handle(new Request(url, { method: request.method ?? 'GET' })).then((answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      if (answer.body === null) response.end();
      else Readable.fromWeb(answer.body as ReadableStream).pipe(response);
    });
  });
}

beforeAll(async () => {
  const file = (name: string, version: string, more: object = {}): Record<string, string> => ({
    'package.json': JSON.stringify({ name, version, ...more }),
    'index.js': `module.exports = '${name} ${version}';`,
  });
  setup = await setUpRegistry({
    'pkg:npm/app@1.0.0': {
      ...file('app', '1.0.0', { dependencies: { '@scope/dep': '^1.0.0' }, bin: { app: 'cli.js' } }),
      'cli.js': '#!/usr/bin/env node\n',
    },
    'pkg:npm/%40scope/dep@1.0.0': file('@scope/dep', '1.0.0'),
    'pkg:npm/%40scope/dep@1.1.0': file('@scope/dep', '1.1.0'),
  });
  server = serve(createNpmRegistry(setup.packages));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registryUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/registry/npm/`;
  folder = await mkdtemp(join(tmpdir(), 'assay-npm-'));
  await writeFile(join(folder, 'package.json'), '{"name":"consumer","version":"1.0.0"}');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const npm = (...args: string[]) =>
  run('npm', [...args, '--registry', registryUrl, '--cache', join(folder, 'cache'), '--no-update-notifier'], {
    cwd: folder,
  });

describe.skipIf(!hasNpm)('npm itself (skipped where npm is not installed)', () => {
  it('installs a package, its dependency and its command', async () => {
    await npm('install', 'app', '--fund=false');
    expect(await readFile(join(folder, 'node_modules/@scope/dep/index.js'), 'utf8')).toContain('1.1.0');
    const lock = await readFile(join(folder, 'package-lock.json'), 'utf8');
    expect(lock).toContain('"sha512-');
    expect(await readFile(join(folder, 'node_modules/.bin/app'), 'utf8')).toContain('node');
  }, 60_000);

  it('shows why a package cannot be had', async () => {
    const failure = await npm('install', 'nowhere', '--fetch-retries=0').catch((error: unknown) => error);
    expect((failure as { stderr: string }).stderr).toContain('The log proves that it holds no nowhere');
  }, 60_000);
});
