import { describe, expect, it } from 'vitest';
import { toBase64 } from '../encoding/base64.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { makeNetwork } from '../records/network.fixture.ts';
import { parseNetworkDescription } from './network-description.ts';

const { trust } = makeNetwork();
const document = {
  networkId: toHex(trust.networkId),
  origin: trust.genesis.origin,
  genesis: toBase64(trust.genesisBytes),
  relays: [{ peerId: '12D3KooW', addresses: ['/ip4/127.0.0.1/tcp/4001/ws'], stun: ['stun:127.0.0.1:3478'] }],
  mirrors: ['http://127.0.0.1:7473'],
  authorities: [{ name: 'ada', peerId: '12D3KooX' }],
};

describe('parseNetworkDescription', () => {
  it('derives the trust from the genesis record', () => {
    const read = unwrap(parseNetworkDescription(JSON.stringify(document)));
    expect(read.trust).toEqual(trust);
    expect(read.relays).toEqual(document.relays);
    expect(read.mirrors).toEqual(document.mirrors);
  });

  it.each([
    ['no JSON', '<html>', 'E_JSON'],
    ['another network id', { ...document, networkId: '00'.repeat(32) }, 'E_PROTOCOL'],
    ['a genesis that is no base64', { ...document, genesis: '?' }, 'E_BASE64'],
    ['a genesis that is no record', { ...document, genesis: 'AAAA' }, 'E_CBOR_TRAILING'],
    ['a mirror that is no web address', { ...document, mirrors: ['javascript:0'] }, 'E_SHAPE_RANGE'],
    ['no relays', { ...document, relays: undefined }, 'E_SHAPE_MISSING_FIELD'],
  ])('refuses %s', (_what, from, code) => {
    const json = typeof from === 'string' ? from : JSON.stringify(from);
    const read = parseNetworkDescription(json);
    expect(read.ok ? 'accepted' : read.error.code).toBe(code);
  });
});
