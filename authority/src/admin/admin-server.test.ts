import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { startAdminServer, type AdminServer } from './admin-server.ts';

let folder: string;
let server: AdminServer;
const path = (): string => join(folder, 'admin.sock');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-admin-'));
  server = await startAdminServer(path(), {
    'GET /status': () => ({ name: 'ayla' }),
    'POST /echo': (body) => ({ body }),
    'POST /refuse': () => {
      throw new AssayError('E_MEMBERSHIP', { reason: 'it changes nothing' });
    },
    'POST /break': () => {
      throw new TypeError('a fault');
    },
  });
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function ask(method: string, route: string, body = ''): Promise<{ status?: number; json: unknown }> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: path(), method, path: route }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        const { statusCode } = response;
        resolve({ ...(statusCode !== undefined && { status: statusCode }), json: JSON.parse(text) });
      });
    });
    asking.on('error', reject);
    asking.end(body);
  });
}

it('listens on a socket that only the owner of the process may open', () => {
  const { mode } = statSync(path());
  expect([statSync(path()).isSocket(), mode & 0o777]).toEqual([true, 0o600]);
});

it('answers what is asked, with codes for what is refused', async () => {
  expect(await ask('GET', '/status')).toEqual({ status: 200, json: { name: 'ayla' } });
  expect(await ask('POST', '/echo', '{"a":1}')).toEqual({ status: 200, json: { body: '{"a":1}' } });
  expect(await ask('POST', '/refuse')).toEqual({
    status: 400,
    json: { error: { code: 'E_MEMBERSHIP', fields: { reason: 'it changes nothing' } } },
  });
  expect((await ask('POST', '/break')).status).toBe(500);
  for (const route of ['/', '/__proto__', '/status?x']) expect((await ask('GET', route)).status).toBe(404);
  expect((await ask('POST', '/status')).status).toBe(404);
});

it('reads no more of a request than a limit', async () => {
  const { status } = await ask('POST', '/echo', 'x'.repeat(300 * 1024)).catch(() => ({ status: 400 }));
  expect(status).toBe(400);
  expect((await ask('GET', '/status')).status).toBe(200);
});

it('takes the place of a socket that a killed run has left', async () => {
  await server.stop();
  writeFileSync(path(), '');
  server = await startAdminServer(path(), { 'GET /status': () => ({}) });
  expect((await ask('GET', '/status')).status).toBe(200);
});

it('says why it cannot listen', async () => {
  const long = join(folder, 'x'.repeat(120));
  await expect(startAdminServer(long, {})).rejects.toMatchObject({ code: 'E_ADMIN_SOCKET' });
  const nowhere = join(folder, 'missing', 'admin.sock');
  await expect(startAdminServer(nowhere, {})).rejects.toMatchObject({ code: 'E_ADMIN_SOCKET' });
});
