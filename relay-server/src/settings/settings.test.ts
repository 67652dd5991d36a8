import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadCertificate } from './certificate.ts';
import { loadIdentity } from './identity.ts';
import { choosePorts } from './ports.ts';
import { loadRelayConfig, type RelayConfig } from './relay-config.ts';

const NOW = 1_790_000_000;
const DAY = 24 * 60 * 60;

async function folder(config?: unknown): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'assay-settings-'));
  onTestFinished(() => rm(path, { recursive: true }));
  if (config !== undefined) await writeFile(join(path, 'config.json'), JSON.stringify(config));
  return path;
}

const plain = { genesis: '../genesis.cbor', http: { host: '127.0.0.1', port: 0 }, authorities: [] };

describe('the configuration', () => {
  it('takes paths relative to its own folder', async () => {
    const path = await folder({ ...plain, web: '/srv/web' });
    expect(await loadRelayConfig(path)).toMatchObject({
      genesis: join(path, '..', 'genesis.cbor'),
      web: '/srv/web',
    });
  });

  it.each([
    ['a misspelt field', { ...plain, mirors: [] }, '$.mirors'],
    ['a port that is none', { ...plain, http: { host: '127.0.0.1', port: 70_000 } }, '$.http.port'],
    ['a host name to listen on', { ...plain, http: { host: 'localhost', port: 1 } }, '$.http.host'],
    ['a mirror with a path', { ...plain, mirrors: ['https://a.example/x'] }, '$.mirrors[0]'],
    [
      'a mirror that would end the policy',
      { ...plain, mirrors: ['https://a.example;script-src'] },
      '$.mirrors[0]',
    ],
    ['no genesis record', { ...plain, genesis: undefined }, '$.genesis'],
    ['no object', [], '$'],
  ])('refuses %s', async (_name, config, field) => {
    await expect(loadRelayConfig(await folder(config))).rejects.toMatchObject({
      code: 'E_RELAY_CONFIG',
      fields: { reason: expect.stringContaining(field) },
    });
  });
});

describe('ports', () => {
  it('are kept, and given up only for the one that somebody else has taken', async () => {
    const path = await folder();
    const config = plain as RelayConfig;
    const first = await choosePorts(path, config);
    expect(await choosePorts(path, config)).toEqual(first);
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(first.ws, '127.0.0.1', resolve));
    onTestFinished(() => void squatter.close());
    const second = await choosePorts(path, config);
    expect({ ...second, ws: first.ws }).toEqual(first);
    expect(second.ws).not.toBe(first.ws);
  });

  it('are what the configuration says, taken or not', async () => {
    const http = { host: '127.0.0.1', port: 7473 };
    const ports = await choosePorts(await folder(), { ...plain, http, listen: { stun: 3478 } });
    expect(ports).toMatchObject({ http: 7473, stun: 3478 });
  });
});

describe('the identity', () => {
  it('is made once and readable by its owner only', async () => {
    const path = await folder();
    const first = await loadIdentity(path);
    expect((await loadIdentity(path)).raw).toEqual(first.raw);
    expect((await stat(join(path, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect((await loadIdentity(await folder())).raw).not.toEqual(first.raw);
  });

  it('is not replaced when the file is damaged', async () => {
    const path = await folder();
    await writeFile(join(path, 'identity.json'), '{"peerSeed": "12"}');
    await expect(loadIdentity(path)).rejects.toMatchObject({ code: 'E_RELAY_CONFIG' });
  });
});

describe('the WebRTC certificate', () => {
  it('is a valid self-signed certificate whose hash is the one announced', async () => {
    const { pem, privateKey, certhash } = await loadCertificate(await folder(), NOW);
    const certificate = new X509Certificate(pem);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=assay relay');
    expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(Date.parse(certificate.validTo) / 1000).toBe(NOW + 365 * DAY);
    expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const multihash = Buffer.from(certhash.slice(1), 'base64url').toString('hex');
    expect(multihash).toBe(`1220${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`);
  });

  it('is kept, because its hash stands in addresses, until its end is near', async () => {
    const path = await folder();
    const first = await loadCertificate(path, NOW);
    expect(await loadCertificate(path, NOW + 300 * DAY)).toEqual(first);
    expect(await loadCertificate(path, NOW + 310 * DAY)).not.toEqual(first);
    expect((await stat(join(path, 'webrtc-certificate.json'))).mode & 0o777).toBe(0o600);
  });
});
