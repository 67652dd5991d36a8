import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { defaultLimits } from './limits.ts';

const peerKey = 'ab'.repeat(32);
const good = {
  name: 'ayla',
  genesis: '../genesis.cbor',
  listen: '/ip4/127.0.0.1/tcp/0',
  peers: [{ name: 'borneo', addresses: ['/ip4/127.0.0.1/tcp/1'] }],
  npmRegistry: 'http://127.0.0.1:1/',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(content: unknown) {
  writeFileSync(join(folder, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return loadConfig(folder);
}

it('finds the genesis file beside the folder and fills in the limits', async () => {
  const config = await load({ ...good, limits: { graceMs: 0 } });
  expect(config.genesis).toBe(join(folder, '..', 'genesis.cbor'));
  expect(config.limits).toEqual({ ...defaultLimits, graceMs: 0 });
  const peers = [{ name: 'borneo', peerKey, addresses: [] }];
  expect((await load({ ...good, announce: [good.listen], peers })).peers).toEqual(peers);
  expect((await load({ ...good, genesis: '/elsewhere/genesis.cbor' })).genesis).toBe(
    '/elsewhere/genesis.cbor',
  );
});

it.each([
  ['{', 'JSON'],
  [{}, '$.name'],
  [{ ...good, more: 1 }, '$.more'],
  [{ ...good, npmRegistry: 'ftp://127.0.0.1/' }, '$.npmRegistry'],
  [{ ...good, index: 0 }, '$.index'],
  [{ ...good, peers: [{ name: 'borneo', addresses: '/ip4/127.0.0.1' }] }, '$.peers[0].addresses'],
  [{ ...good, peers: [{ name: 'borneo', peerKey: `${peerKey}0`, addresses: [] }] }, '$.peers[0].peerKey'],
  [{ ...good, limits: { queuedJobs: 0 } }, '$.limits.queuedJobs'],
])('refuses %j and says where it is wrong', async (content, where) => {
  const refusal = await load(content).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'E_AUTHORITY_CONFIG' });
  expect(String(refusal)).toContain(where);
});

it('says that there is none', async () => {
  await expect(loadConfig(folder)).rejects.toThrow(/config\.json of this authority cannot be used: ENOENT/);
});
