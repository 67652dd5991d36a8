import { multiaddr } from '@multiformats/multiaddr';
import { expect, it } from 'vitest';
import { webSocketOrigin } from '../network/public-addresses.ts';
import { contentSecurityPolicy } from './security-headers.ts';

it('lets the app connect to the relay, its WebSocket address and the mirrors, and nothing run that is not its own', () => {
  const policy = contentSecurityPolicy(['ws://127.0.0.1:1', 'https://mirror.example']);
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self' ws://127.0.0.1:1 https://mirror.example",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ]);
});

it.each([
  ['/ip4/127.0.0.1/tcp/1234/ws', 'ws://127.0.0.1:1234'],
  ['/ip6/::1/tcp/1234/ws', 'ws://[::1]:1234'],
  ['/dns4/relay.example/tcp/443/tls/ws', 'wss://relay.example:443'],
  ['/dns/relay.example/tcp/443/wss', 'wss://relay.example:443'],
  ['/ip4/127.0.0.1/tcp/1234', undefined],
  ['/ip4/127.0.0.1/udp/1234/webrtc-direct', undefined],
  ['/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWJzr2Pc4Zfxp3M5Q4tC6HRugM32xKdEtedQY7jc43Q32m/p2p-circuit', undefined],
])('names the WebSocket origin of %s', (address, origin) => {
  expect(webSocketOrigin(multiaddr(address))).toBe(origin);
});
