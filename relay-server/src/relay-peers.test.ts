import type { Libp2p } from '@libp2p/interface';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { multiaddr } from '@multiformats/multiaddr';
import { createClock } from '@assay/core/clock.ts';
import { concatBytes, u32be, utf8 } from '@assay/core/encoding/bytes.ts';
import { decodeCapability } from '@assay/core/eris/capability.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { nobleKernel } from '@assay/core/eris/kernel.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { createBlockClient } from '@assay/core/net/block-protocol.ts';
import { createLogClient } from '@assay/core/net/log-protocol.ts';
import { createProviderClient } from '@assay/core/net/provider-protocol.ts';
import { checkpointTopic, protocols } from '@assay/core/protocols.ts';
import type { Relay } from './relay.ts';
import { network, TestAuthorities } from './testing/authority.fixture.ts';
import { connect, opener, startPeer, type Peer } from './testing/peer.fixture.ts';
import { relayFolder, type RelayFolder } from './testing/relay.fixture.ts';

const clock = createClock(globalThis);
const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) >>> 3);
const toStop: (() => unknown)[] = [];

let authorities: TestAuthorities;
let nodes: Libp2p[];
let folder: RelayFolder;
let relay: Relay;
let root: Uint8Array;

beforeAll(async () => {
  authorities = await TestAuthorities.create();
  nodes = await Promise.all([0, 1, 2].map((index) => authorities.start(index)));
  const { artifacts } = await authorities.add('pkg:npm/clsx@2.1.1', content);
  root = unwrap(decodeCapability(artifacts[0]?.eris ?? new Uint8Array(0))).rootReference;
  folder = await relayFolder(nodes);
  relay = await folder.start();
  const { hostname, port } = new URL(relay.http);
  await vi.waitFor(async () => {
    const answer = await fetch(`http://${hostname}:${port}/status.json`);
    expect(await answer.json()).toMatchObject({ relay: { size: 4, packs: { held: 1 } } });
  }, 10_000);
});
afterAll(async () => {
  await Promise.all(toStop.splice(0).map((stop) => stop()));
  await relay?.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await folder?.remove();
});

async function peer(listen?: readonly string[]): Promise<Peer> {
  const started = await startPeer(listen);
  toStop.push(() => started.stop());
  return started;
}

async function packBlocks(): Promise<Uint8Array[]> {
  const blocks: Uint8Array[] = [];
  for await (const block of (await buildPack(content, { blockSize: 32768 })).blocks()) blocks.push(block);
  return blocks;
}

const addressWith = (part: string): string =>
  relay.addresses.find((address) => address.split('/').includes(part)) ?? '';

describe.each(['ws', 'webrtc-direct', 'tcp'])('a peer that comes by %s', (transport) => {
  it('reads the log and fetches blocks', async () => {
    const connection = await connect(await peer(), relay.addresses, transport);
    const log = createLogClient({ id: 'relay', open: opener(connection, protocols.log), clock });
    expect(await log.checkpoint()).toEqual(authorities.note);
    const blocks = await packBlocks();
    const client = createBlockClient({
      id: 'relay',
      label: 'relay',
      open: opener(connection, protocols.blocks),
      clock,
    });
    const received: (Uint8Array | undefined)[] = [];
    const references = blocks.map((block) => nobleKernel.referenceOf(block));
    for await (const { block } of client.readBlocks(root, references)) received.push(block);
    expect(received).toEqual(blocks);
  });
});

describe('peers that meet at the relay', () => {
  it('find each other while they are connected, and not after', async () => {
    const holder = await peer();
    const seeker = await peer();
    const holding = await connect(holder, relay.addresses, 'ws');
    const seeking = await connect(seeker, relay.addresses, 'ws');
    const address = `${addressWith('ws')}/p2p-circuit/webrtc/p2p/${holder.peerId.toString()}`;
    const clientOf = (connection: typeof holding) =>
      createProviderClient({ id: 'relay', open: opener(connection, protocols.providers), clock });
    expect(await clientOf(holding).announce([root], [address])).toBe(1);
    expect(await clientOf(seeking).lookup(root)).toEqual([
      { peerId: holder.peerId.toString(), addresses: [address] },
    ]);
    await holder.stop();
    await vi.waitFor(async () => expect(await clientOf(seeking).lookup(root)).toEqual([]), 5_000);
  });

  it('reach each other through it, for as much as signalling takes and no more', async () => {
    const listener = await peer([`${addressWith('ws')}/p2p-circuit`]);
    const dialer = await peer();
    const received = new Map<string, number>();
    await listener.handle(
      '/test/1',
      (stream) => {
        stream.addEventListener('message', ({ data }) => {
          received.set(stream.id, (received.get(stream.id) ?? 0) + data.byteLength);
        });
      },
      { runOnLimitedConnection: true },
    );
    const total = (): number => [...received.values()].reduce((sum, bytes) => sum + bytes, 0);
    await vi.waitFor(() => expect(listener.getMultiaddrs().length).toBeGreaterThan(0), 5_000);
    const through = multiaddr(`${addressWith('ws')}/p2p-circuit/p2p/${listener.peerId.toString()}`);
    const connection = await dialer.dial(through);
    expect(connection.limits).toBeDefined();
    const stream = await connection.newStream('/test/1', { runOnLimitedConnection: true });
    stream.send(new Uint8Array(50_000));
    await vi.waitFor(() => expect(total()).toBe(50_000), 5_000);
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve));
    for (let sent = 0; sent < 20 && stream.writeStatus === 'writable'; sent++) {
      stream.send(new Uint8Array(50_000));
      await clock.sleep(5);
    }
    await closed;
    expect(total()).toBeLessThan(150_000);
  });

  it('hear of a new checkpoint by gossip, and never of one that no quorum signed', async () => {
    const listener = await peer();
    const liar = await peer();
    await connect(listener, relay.addresses, 'ws');
    await connect(liar, relay.addresses, 'ws');
    const topic = checkpointTopic(network.trust.networkId);
    const heard: Uint8Array[] = [];
    listener.services.pubsub.addEventListener('gossipsub:message', ({ detail }) =>
      heard.push(detail.msg.data),
    );
    listener.services.pubsub.subscribe(topic);
    liar.services.pubsub.subscribe(topic);
    await vi.waitFor(() => expect(liar.services.pubsub.getSubscribers(topic)).not.toEqual([]), 5_000);
    await clock.sleep(1_500);
    await liar.services.pubsub.publish(topic, utf8('garbage'));
    await liar.services.pubsub.publish(topic, await authorities.log.note({ cosigners: [0, 1] }));
    await authorities.add('pkg:npm/is-plain-obj@4.1.0', utf8('another'));
    await vi.waitFor(() => expect(heard.map(String)).toContain(String(authorities.note)), 10_000);
    expect(heard).toHaveLength(1);
  });
});

describe('garbage', () => {
  const spoken = [protocols.log, protocols.lookup, protocols.blocks, protocols.providers, protocols.request];
  const frames = [
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(1)],
    ['an empty frame', u32be(0)],
    ['a frame of four gigabytes', u32be(0xffff_ffff)],
    ['a frame of garbage', concatBytes(u32be(3), Uint8Array.of(0xff, 0, 1))],
    ['an empty map', concatBytes(u32be(1), Uint8Array.of(0xa0))],
    ['noise', Uint8Array.from({ length: 60_000 }, (_, i) => (i * 7919) >>> 3)],
  ] as const;

  it.each(spoken.flatMap((protocol) => frames.map(([name, bytes]) => [protocol, name, bytes] as const)))(
    'on %s does no harm: %s',
    async (protocol, _name, bytes) => {
      const connection = await connect(await peer(), relay.addresses, 'tcp');
      const stream = await connection.newStream(protocol);
      const closed = new Promise((resolve) => stream.addEventListener('close', resolve));
      stream.send(bytes);
      await stream.close().catch(() => undefined);
      await closed;
      const log = createLogClient({ id: 'relay', open: opener(connection, protocols.log), clock });
      expect((await log.checkpoint()).length).toBeGreaterThan(0);
      await connection.close();
    },
  );
});
