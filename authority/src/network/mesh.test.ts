import type { Libp2p, Stream } from '@libp2p/interface';
import { afterEach, expect, it, vi } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { fromUtf8, utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { sendFrameBytes } from '@assay/core/net/frames.ts';
import { createLibp2pNode } from './libp2p-node.ts';
import { Mesh, type MeshChannel } from './mesh.ts';

/** Far above what anything here takes on an idle machine. */
const eventually = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 15_000 });
vi.setConfig({ testTimeout: 20_000 });

const PROTOCOL = '/assay/test/1';
const ANY_PORT = '/ip4/127.0.0.1/tcp/0';
const MAX_FRAME = 1024;
const clock = createClock(globalThis);
const seeds = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

interface Member {
  readonly libp2p: Libp2p;
  readonly mesh: Mesh;
  readonly channel: MeshChannel;
  readonly heard: string[];
  readonly reached: number[];
  readonly misbehaved: (number | undefined)[];
}

const toStop: { stop(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toStop.splice(0).map((one) => one.stop()));
});

async function node(index: number, listen = ANY_PORT): Promise<Libp2p> {
  const libp2p = await createLibp2pNode(seeds[index] ?? new Uint8Array(32), listen);
  await libp2p.start();
  toStop.push(libp2p);
  return libp2p;
}

async function member(me: number, libp2p: Libp2p, addresses: readonly string[]): Promise<Member> {
  const misbehaved: (number | undefined)[] = [];
  const peers = addresses.map((address, index) => ({
    index,
    peerKey: publicKeyFromSeed(seeds[index] ?? new Uint8Array(32)),
    addresses: [address],
  }));
  const mesh = new Mesh({ libp2p, me, peers, clock, onMisbehaviour: (from) => misbehaved.push(from) });
  toStop.push(mesh);
  const channel = await mesh.channel(PROTOCOL, MAX_FRAME);
  const heard: string[] = [];
  const reached: number[] = [];
  channel.onMessage((from, bytes) => heard.push(`${from}:${unwrap(fromUtf8(bytes))}`));
  channel.onConnect((peer) => reached.push(peer));
  mesh.start();
  return { libp2p, mesh, channel, heard, reached, misbehaved };
}

const addressOf = (libp2p: Libp2p): string => libp2p.getMultiaddrs()[0]?.toString() ?? '';

async function members(count: number): Promise<Member[]> {
  const nodes = await Promise.all(seeds.slice(0, count).map((_, index) => node(index)));
  const addresses = nodes.map(addressOf);
  return await Promise.all(nodes.map((libp2p, index) => member(index, libp2p, addresses)));
}

it('carries frames in order to one peer and to all of them', async () => {
  const [first, second, third] = await members(3);
  first?.channel.broadcast(utf8('hello'));
  first?.channel.send(1, utf8('only you'));
  await eventually(() => expect(second?.heard).toEqual(['0:hello', '0:only you']));
  await eventually(() => expect(third?.heard).toEqual(['0:hello']));
  expect(first?.heard).toEqual([]);
});

it('opens its lines by itself and tells of every peer that was reached', async () => {
  const [first, second] = await members(2);
  await eventually(() => expect(first?.reached).toEqual([1]));
  await eventually(() => expect(second?.reached).toEqual([0]));
  expect([...(first?.mesh.connected() ?? [])]).toEqual([1]);
});

it('reaches a peer again that went away and came back, and delivers what waited', async () => {
  const firstNode = await node(0);
  const lostNode = await node(1);
  const addresses = [addressOf(firstNode), addressOf(lostNode)];
  const first = await member(0, firstNode, addresses);
  const lost = await member(1, lostNode, addresses);
  await eventually(() => expect(first.reached).toEqual([1]));
  lost.mesh.stop();
  await lostNode.stop();
  await eventually(() => expect(first.mesh.connected().size).toBe(0));
  first.channel.send(1, utf8('waiting'));
  const back = await member(1, await node(1, addresses[1]?.replace(/\/p2p\/.*/, '')), addresses);
  await eventually(() => expect(back.heard).toEqual(['0:waiting']));
  expect(first.reached).toEqual([1, 1]);
});

it('keeps only the newest frames for a peer that is away', async () => {
  const firstNode = await node(0);
  const absent = await node(1);
  const addresses = [addressOf(firstNode), addressOf(absent)];
  await absent.stop();
  const first = await member(0, firstNode, addresses);
  for (let count = 0; count < 300; count++) first.channel.send(1, utf8(`frame ${count}`));
  const back = await member(1, await node(1, addresses[1]?.replace(/\/p2p\/.*/, '')), addresses);
  await eventually(() => expect(back.heard.at(-1)).toBe('0:frame 299'));
  expect(back.heard).toHaveLength(256);
});

it('refuses streams of strangers', async () => {
  const [first] = await members(2);
  const stranger = await node(2);
  const connection = await stranger.dial(first?.libp2p.getMultiaddrs() ?? []);
  const stream = await connection.newStream(PROTOCOL);
  await sendFrameBytes(stream, utf8('let me in')).catch(() => undefined);
  await eventually(() => expect(first?.misbehaved).toContain(undefined));
  await eventually(() => expect(stream.status).not.toBe('open'));
  expect(first?.heard).toEqual([]);
});

it('ends the stream of a peer that breaks the framing and hears its next one', async () => {
  const [first, second] = await members(2);
  await eventually(() => expect(second?.reached).toEqual([0]));
  const [connection] = second?.libp2p.getConnections() ?? [];
  for (const garbage of [[0, 0, 0, 0], [255, 255, 255, 255], [7]]) {
    const stream = await connection?.newStream(PROTOCOL);
    stream?.send(new Uint8Array(garbage));
    await stream?.close().catch(() => undefined);
  }
  await eventually(() => expect(first?.misbehaved).toEqual([1, 1, 1]));
  second?.channel.send(0, utf8('still here'));
  await eventually(() => expect(first?.heard).toEqual(['1:still here']));
});

it('keeps the streams of a peer few, over however many connections it opens them', async () => {
  const [first, second] = await members(2);
  await eventually(() => expect(second?.reached).toEqual([0]));
  const streams: (Stream | undefined)[] = [];
  for (let connections = 0; connections < 3; connections++) {
    const connection = await second?.libp2p.dial(first?.libp2p.getMultiaddrs() ?? [], { force: true });
    for (let count = 0; count < 6; count++) streams.push(await connection?.newStream(PROTOCOL));
  }
  const open = () => streams.filter((stream) => stream?.status === 'open').length;
  await eventually(() => expect(open()).toBeLessThanOrEqual(8));
  const newest = streams.at(-1);
  if (newest !== undefined) await sendFrameBytes(newest, utf8('newest'));
  await eventually(() => expect(first?.heard).toEqual(['1:newest']));
});
