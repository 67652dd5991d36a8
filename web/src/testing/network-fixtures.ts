import type { NetworkView, StorageView, VersionView } from '../lib/node/api.ts';
import { fixtureNow } from './fixtures.ts';

/** A tab with a relay and two other tabs. */
export const networkFixture: NetworkView = {
  self: {
    peerId: '12D3KooWJzQ8a3m7kqGq5kQd9h7Wd3vGmZx1pYwB6n2RtU4sEoVa',
    addresses: ['/ip4/127.0.0.1/tcp/7473/ws/p2p/12D3KooWRelay/p2p-circuit/webrtc'],
    leader: true,
  },
  peers: [
    {
      id: '12D3KooWLrVt9Q2s7cP4mYkE5dJhNf8bXgAa1uTzW6oRi3yHqSpK',
      kind: 'relay',
      state: 'connected',
      transport: 'WebSocket',
      path: 'direct',
      direction: 'outbound',
      since: fixtureNow - 700,
      received: 2_310_400,
      sent: 31_200,
    },
    {
      id: '12D3KooWPb4nHsC7yKxGm2vQd6fRtEw9aLzU1oJiT5kYhN8cXqVr',
      kind: 'tab',
      state: 'connected',
      transport: 'WebRTC',
      path: 'direct',
      direction: 'inbound',
      since: fixtureNow - 95,
      received: 0,
      sent: 731_204,
    },
    {
      id: '12D3KooWTq6mDsE9zFyHn4wRb8gStGx1cMaV3pLkU7oZjP2eYiBt',
      kind: 'tab',
      state: 'connecting',
      transport: 'WebRTC',
      path: 'relayed',
      direction: 'outbound',
      since: fixtureNow - 2,
      received: 0,
      sent: 0,
    },
  ],
  mirrors: [
    { url: 'http://127.0.0.1:7473', state: 'ok', detail: '41 MB/s' },
    { url: 'http://127.0.0.1:7480', state: 'failing', detail: 'served a block that does not match' },
  ],
};

/** Storage of a node that holds what `versions` says is held. */
export function storageFixture(versions: readonly VersionView[]): StorageView {
  return {
    quota: 12_000_000_000,
    usage: 14_200_000,
    persisted: false,
    logBytes: 9_800_000,
    artifacts: versions.flatMap(({ summary, artifacts }) =>
      artifacts
        .filter((artifact) => artifact.held)
        .map((artifact) => ({
          purl: summary.purl,
          artifact: artifact.name,
          bytes: artifact.size,
          complete: true,
          pinned: artifact.pinned,
          lastUsed: fixtureNow - 360,
        })),
    ),
  };
}
