import type { Connection } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { isDirect, peerView, transportOf } from './peer-views.ts';

const relay = '12D3KooWNaxnwhnkDhgZRyiZKkan9vJaVm9zBtzEp8KE16LyY2aX';
const tab = '12D3KooWDF8XMyLNHZvJWniWrBEroagF6jYEdTZwUvhGCQ7naphc';
const certhash = '/certhash/uEiAcSR_ppFDjKnE1kG0j-9Eb4NLRVVMWjzg917eYtkmRJw';

const connection = (address: string, limits?: object): Connection =>
  ({
    remoteAddr: multiaddr(address),
    limits,
    remotePeer: { toString: () => tab },
    status: 'open',
    direction: 'inbound',
    timeline: { open: 1_800_000_000_500 },
  }) as unknown as Connection;

describe('connections as people see them', () => {
  it.each([
    [`/ip4/127.0.0.1/tcp/4001/ws/p2p/${relay}`, 'ws', true],
    [`/dns4/relay.test/tcp/443/wss/p2p/${relay}`, 'wss', true],
    [`/ip4/127.0.0.1/udp/4001/webrtc-direct${certhash}/p2p/${relay}`, 'webrtc-direct', true],
    [`/ip4/127.0.0.1/tcp/4001/ws/p2p/${relay}/p2p-circuit/webrtc/p2p/${tab}`, 'webrtc', true],
    [`/ip4/127.0.0.1/tcp/4001/ws/p2p/${relay}/p2p-circuit/p2p/${tab}`, 'circuit', false],
  ])('%s is %s', (address, transport, direct) => {
    expect(transportOf(connection(address))).toBe(transport);
    expect(isDirect(connection(address))).toBe(direct);
  });

  it('never takes a limited connection for a direct one', () => {
    expect(isDirect(connection(`/ip4/127.0.0.1/tcp/4001/ws/p2p/${relay}`, { bytes: 1n }))).toBe(false);
  });

  it('carries the traffic of the peer', () => {
    const view = peerView(connection(`/ip4/127.0.0.1/tcp/1/ws/p2p/${tab}`), 'tab', { received: 5, sent: 7 });
    expect(view).toMatchObject({
      id: tab,
      state: 'connected',
      path: 'direct',
      since: 1_800_000_000,
      received: 5,
      sent: 7,
    });
  });
});
