import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toBase64 } from '@assay/core/encoding/base64.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { checkCandidate, parseCandidateFile } from '@assay/core/records/candidate.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';

// Each command is a process or two of its own.
vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const LISTEN = '/ip4/127.0.0.1/tcp/4100';
const { trust } = makeNetwork(4);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-operator-'));
  const authorities = trust.current.authorities.map(({ name, peerKey }) => ({
    name,
    peerId: `peer-${name}`,
    peerKey: toHex(peerKey),
    addresses: ['/ip4/127.0.0.1/tcp/1'],
  }));
  const description = {
    networkId: toHex(trust.networkId),
    origin: trust.genesis.origin,
    genesis: toBase64(trust.genesisBytes),
    relays: [],
    mirrors: [],
    epoch: 1,
    policy: '',
    authorities,
  };
  writeFileSync(join(folder, 'network.json'), JSON.stringify(description));
});
afterEach(() => rmSync(folder, { recursive: true }));

function assay(...args: string[]) {
  const { status, stdout } = spawnSync(process.execPath, [MAIN, 'authority', ...args, '--json'], {
    encoding: 'utf8',
  });
  const lines = stdout.trim().split('\n');
  return { status, last: JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const init = (...more: string[]) =>
  assay(
    'init',
    '--data',
    join(folder, 'etna'),
    '--name',
    'etna',
    '--network',
    join(folder, 'network.json'),
    ...more,
  );

it('sets an authority up: keys for its owner only, who the others are, and a candidate file that holds', () => {
  const { status, last } = init('--listen', LISTEN, '--registry', 'http://127.0.0.1:9/');
  expect([status, last['event']]).toEqual([0, 'init']);
  expect(statSync(join(folder, 'etna', 'keys.json')).mode & 0o777).toBe(0o600);
  const config = JSON.parse(readFileSync(join(folder, 'etna', 'config.json'), 'utf8')) as {
    peers: { name: string }[];
  };
  expect(config.peers.map(({ name }) => name)).toEqual(['ayla', 'borneo', 'cassini', 'delft']);
  const candidate = unwrap(parseCandidateFile(readFileSync(String(last['candidate']), 'utf8')));
  expect([candidate.authority.name, candidate.addresses]).toEqual(['etna', [LISTEN]]);
  expect(checkCandidate(candidate, trust.networkId, verifyEd25519Node).ok).toBe(true);

  const renewed = assay('candidate', '--new-keys', '--data', join(folder, 'etna'));
  const again = unwrap(parseCandidateFile(readFileSync(String(renewed.last['candidate']), 'utf8')));
  expect(again.authority.peerKey).toEqual(candidate.authority.peerKey);
  expect(again.authority.voteKey).not.toEqual(candidate.authority.voteKey);
});

it('refuses what cannot work and says why', () => {
  const codeOf = ({ last }: { last: Record<string, unknown> }) => (last['error'] as { code: string }).code;
  expect(assay('dance')).toMatchObject({ status: 2, last: { error: { code: 'E_USAGE' } } });
  expect(codeOf(assay('init', '--data', join(folder, 'x')))).toBe('E_USAGE');
  expect(codeOf(assay('approve', '--data', folder))).toBe('E_USAGE');
  expect(codeOf(assay('status', '--data', folder))).toBe('E_ADMIN_UNREACHABLE');
  const everywhere = ['--listen', '/ip4/0.0.0.0/tcp/4100', '--registry', 'http://127.0.0.1:9/'];
  expect(codeOf(init(...everywhere))).toBe('E_AUTHORITY_ADDRESS');
  expect(init(...everywhere, '--announce', '/dns4/etna.example/tcp/4100').status).toBe(0);
});
