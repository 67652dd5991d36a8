import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { publicKeyFromSeed, signEd25519 } from '@assay/core/crypto/ed25519.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { encodeSignedRequest, signRequest } from '@assay/core/net/signed-request.ts';
import { defaultLimits } from '../limits.ts';
import { RequestGate } from './request-gate.ts';

const networkId = new Uint8Array(32).fill(1);
const PURL = 'pkg:npm/tiny@1.0.0';

let clock: ManualClock;
let gate: RequestGate;

beforeEach(() => {
  clock = new ManualClock();
  const limits = {
    ...defaultLimits,
    requesterBurst: 2,
    requesterPerMinute: 60,
    totalBurst: 4,
    totalPerMinute: 60,
  };
  gate = new RequestGate({ networkId, limits, clock });
});

async function request(purl = PURL, { at = clock.now(), key = 1, id = networkId } = {}): Promise<Uint8Array> {
  const seed = new Uint8Array(32).fill(key);
  const unsigned = { networkId: id, purl, at, requester: publicKeyFromSeed(seed) };
  return encodeSignedRequest(await signRequest(unsigned, (message) => signEd25519(message, seed)));
}

const codeOf = (result: { ok: boolean; error?: { code: string } }): string => result.error?.code ?? 'ok';

describe('the gate', () => {
  it('lets in what is signed, of now and for this network', async () => {
    expect(gate.admit(await request())).toMatchObject({ ok: true, value: { purl: { name: 'tiny' } } });
    const forged = await request();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(codeOf(gate.admit(forged))).toBe('E_REQUEST_SIGNATURE');
    expect(codeOf(gate.admit(await request(PURL, { id: new Uint8Array(32) })))).toBe('E_REQUEST_NETWORK');
    expect(codeOf(gate.admit(utf8('junk')))).toMatch(/^E_CBOR/);
    expect(codeOf(gate.admit(await request('tiny')))).toBe('E_PURL_SYNTAX');
  });

  it('refuses what is too old or from the future', async () => {
    for (const [off, code] of [
      [-300, 'ok'],
      [300, 'ok'],
      [-301, 'E_REQUEST_TIME'],
      [301, 'E_REQUEST_TIME'],
    ] as const) {
      expect(codeOf(gate.admit(await request(PURL, { at: clock.now() + off, key: 10 + off + 301 })))).toBe(
        code,
      );
    }
  });

  it('gives each requester a share, and all together a limit', async () => {
    const ask = async (key: number) => codeOf(gate.admit(await request(PURL, { key })));
    expect([await ask(1), await ask(1), await ask(1)]).toEqual(['ok', 'ok', 'E_REQUEST_RATE']);
    expect([await ask(2), await ask(3), await ask(4)]).toEqual(['ok', 'ok', 'E_REQUEST_RATE']);
    await clock.advance(1_000);
    expect([await ask(1), await ask(5)]).toEqual(['ok', 'E_REQUEST_RATE']);
  });

  it('does not let forged requests use up the share of others', async () => {
    const forged = await request();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (let count = 0; count < 10; count++) gate.admit(forged);
    expect(codeOf(gate.admit(await request()))).toBe('ok');
  });
});

describe('a request that another authority took in', () => {
  it('must name the package it was resolved to', async () => {
    const named = await request();
    const open = await request('pkg:npm/tiny');
    expect(codeOf(gate.admitForwarded(named, '1', PURL))).toBe('ok');
    expect(codeOf(gate.admitForwarded(open, '1', 'pkg:npm/tiny@3.0.0'))).toBe('ok');
    expect(codeOf(gate.admitForwarded(named, '1', 'pkg:npm/tiny@3.0.0'))).toBe('E_PROTOCOL');
    expect(codeOf(gate.admitForwarded(open, '1', 'pkg:npm/other@3.0.0'))).toBe('E_PROTOCOL');
    expect(codeOf(gate.admitForwarded(open, '1', 'pkg:npm/tiny'))).toBe('E_PROTOCOL');
  });

  it('may be older, but not without end', async () => {
    const old = (age: number) => request(PURL, { at: clock.now() - age });
    expect(codeOf(gate.admitForwarded(await old(1_800), '1', PURL))).toBe('ok');
    expect(codeOf(gate.admitForwarded(await old(1_801), '1', PURL))).toBe('E_REQUEST_TIME');
  });

  it('counts against the authority that sends it', async () => {
    const encoded = await request();
    const admitted = Array.from({ length: 600 }, () => gate.admitForwarded(encoded, '1', PURL).ok);
    expect(admitted.filter(Boolean)).toHaveLength(256);
    expect(gate.admitForwarded(encoded, '2', PURL).ok).toBe(true);
  });
});
