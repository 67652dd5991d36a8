import { describe, expect, it } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import type { TabLibp2p } from './libp2p-node.ts';
import { RelayKeeper } from './relay-keeper.ts';

const PEER = '12D3KooWNaxnwhnkDhgZRyiZKkan9vJaVm9zBtzEp8KE16LyY2aX';
const description = {
  peerId: PEER,
  addresses: [`/ip4/127.0.0.1/tcp/9/ws/p2p/${PEER}`, `/ip4/127.0.0.1/tcp/8/p2p/${PEER}`],
  stun: [],
};

/** A node whose relay can be up or down, and gives slots or not. */
function setUp() {
  const clock = new ManualClock();
  const relay = { isUp: true, givesSlots: true, connected: false };
  const dialed: string[] = [];
  const node = {
    getPeers: () => (relay.connected ? [PEER] : []),
    getMultiaddrs: () =>
      relay.connected && relay.givesSlots
        ? [`/ip4/127.0.0.1/tcp/9/ws/p2p/${PEER}/p2p-circuit/webrtc/p2p/me`]
        : [],
    async dial(addresses: readonly { toString(): string }[]) {
      dialed.push(addresses.map(String).join(' '));
      if (!relay.isUp) throw new Error('nobody there');
      relay.connected = true;
    },
  };
  const keeper = new RelayKeeper(node as unknown as TabLibp2p, [description], clock);
  return { clock, relay, dialed, keeper };
}

describe('RelayKeeper', () => {
  it('dials the addresses a browser can dial, and again when the relay is lost', async () => {
    const { clock, relay, dialed, keeper } = setUp();
    const stop = new AbortController();
    const keeping = keeper.keep(stop.signal);
    await clock.advance(1_000);
    expect(dialed).toEqual([description.addresses[0]]);
    expect(keeper.connected).toEqual([PEER]);
    relay.connected = false;
    await clock.advance(5_000);
    expect(dialed).toHaveLength(2);
    stop.abort();
    await keeping;
  });

  it('gives the node up when a relay is there and gives no slot', async () => {
    const { clock, relay, keeper } = setUp();
    relay.givesSlots = false;
    let ended = false;
    void keeper.keep(new AbortController().signal).then(() => (ended = true));
    await clock.advance(15_000);
    expect(ended).toBe(false);
    await clock.advance(15_000);
    expect(ended).toBe(true);
  });

  it('lets others wait for a relay, but not forever', async () => {
    const { clock, relay, keeper } = setUp();
    let ready = 0;
    void keeper.untilConnected(new AbortController().signal).then(() => ready++);
    await clock.advance(1_000);
    expect(ready).toBe(0);
    relay.connected = true;
    await clock.advance(200);
    expect(ready).toBe(1);
    relay.connected = false;
    void keeper.untilConnected(new AbortController().signal).then(() => ready++);
    await clock.advance(9_000);
    expect(ready).toBe(2);
  });
});
