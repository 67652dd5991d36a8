import type { Libp2p, Stream } from '@libp2p/interface';
import { afterEach, describe, expect, it, vi } from 'vitest';
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
const names = ['ayla', 'borneo', 'cassini'];

interface Member {
  readonly libp2p: Libp2p;
  readonly mesh: Mesh;
  readonly channel: MeshChannel;
  readonly heard: string[];
  readonly reached: string[];
  readonly misbehaved: (string | undefined)[];
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

/** What a member is told of the others. */
const peersAt = (addresses: readonly string[]) =>
  addresses.map((address, index) => ({
    name: names[index] ?? '',
    peerKey: publicKeyFromSeed(seeds[index] ?? new Uint8Array(32)),
    addresses: [address],
  }));

async function member(libp2p: Libp2p, addresses: readonly string[]): Promise<Member> {
  const misbehaved: (string | undefined)[] = [];
  const mesh = new Mesh({ libp2p, clock, onMisbehaviour: (from) => misbehaved.push(from) });
  mesh.setPeers(peersAt(addresses));
  toStop.push(mesh);
  const channel = await mesh.channel(PROTOCOL, MAX_FRAME);
  const heard: string[] = [];
  const reached: string[] = [];
  channel.onMessage((from, bytes) => heard.push(`${from}:${unwrap(fromUtf8(bytes))}`));
  channel.onConnect((peer) => reached.push(peer));
  mesh.start();
  return { libp2p, mesh, channel, heard, reached, misbehaved };
}

const addressOf = (libp2p: Libp2p): string => libp2p.getMultiaddrs()[0]?.toString() ?? '';

async function members(count: number): Promise<Member[]> {
  const nodes = await Promise.all(seeds.slice(0, count).map((_, index) => node(index)));
  const addresses = nodes.map(addressOf);
  return await Promise.all(nodes.map((libp2p) => member(libp2p, addresses)));
}

it('carries frames in order to one peer and to all of them', async () => {
  const [first, second, third] = await members(3);
  first?.channel.broadcast(utf8('hello'));
  first?.channel.send('borneo', utf8('only you'));
  await eventually(() => expect(second?.heard).toEqual(['ayla:hello', 'ayla:only you']));
  await eventually(() => expect(third?.heard).toEqual(['ayla:hello']));
  expect(first?.heard).toEqual([]);
});

it('opens its lines by itself and tells of every peer that was reached', async () => {
  const [first, second] = await members(2);
  await eventually(() => expect(first?.reached).toEqual(['borneo']));
  await eventually(() => expect(second?.reached).toEqual(['ayla']));
  expect([...(first?.mesh.connected() ?? [])]).toEqual(['borneo']);
});

it('reaches a peer again that went away and came back, and delivers what waited', async () => {
  const firstNode = await node(0);
  const lostNode = await node(1);
  const addresses = [addressOf(firstNode), addressOf(lostNode)];
  const first = await member(firstNode, addresses);
  const lost = await member(lostNode, addresses);
  await eventually(() => expect(first.reached).toEqual(['borneo']));
  lost.mesh.stop();
  await lostNode.stop();
  await eventually(() => expect(first.mesh.connected().size).toBe(0));
  first.channel.send('borneo', utf8('waiting'));
  const back = await member(await node(1, addresses[1]?.replace(/\/p2p\/.*/, '')), addresses);
  await eventually(() => expect(back.heard).toEqual(['ayla:waiting']));
  expect(first.reached).toEqual(['borneo', 'borneo']);
});

it('keeps only the newest frames for a peer that is away', async () => {
  const firstNode = await node(0);
  const absent = await node(1);
  const addresses = [addressOf(firstNode), addressOf(absent)];
  await absent.stop();
  const first = await member(firstNode, addresses);
  for (let count = 0; count < 300; count++) first.channel.send('borneo', utf8(`frame ${count}`));
  const back = await member(await node(1, addresses[1]?.replace(/\/p2p\/.*/, '')), addresses);
  await eventually(() => expect(back.heard.at(-1)).toBe('ayla:frame 299'));
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
  await eventually(() => expect(second?.reached).toEqual(['ayla']));
  const [connection] = second?.libp2p.getConnections() ?? [];
  for (const garbage of [[0, 0, 0, 0], [255, 255, 255, 255], [7]]) {
    const stream = await connection?.newStream(PROTOCOL);
    stream?.send(new Uint8Array(garbage));
    await stream?.close().catch(() => undefined);
  }
  await eventually(() => expect(first?.misbehaved).toEqual(['borneo', 'borneo', 'borneo']));
  second?.channel.send('ayla', utf8('still here'));
  await eventually(() => expect(first?.heard).toEqual(['borneo:still here']));
});

it('keeps the streams of a peer few, over however many connections it opens them', async () => {
  const [first, second] = await members(2);
  await eventually(() => expect(second?.reached).toEqual(['ayla']));
  const streams: (Stream | undefined)[] = [];
  for (let connections = 0; connections < 3; connections++) {
    const connection = await second?.libp2p.dial(first?.libp2p.getMultiaddrs() ?? [], { force: true });
    for (let count = 0; count < 6; count++) streams.push(await connection?.newStream(PROTOCOL));
  }
  const open = () => streams.filter((stream) => stream?.status === 'open').length;
  await eventually(() => expect(open()).toBeLessThanOrEqual(8));
  const newest = streams.at(-1);
  if (newest !== undefined) await sendFrameBytes(newest, utf8('newest'));
  await eventually(() => expect(first?.heard).toEqual(['borneo:newest']));
});

describe('when the peers change', () => {
  it('reaches a new one and lets it speak, and goes on with those that stay', async () => {
    const nodes = await Promise.all([0, 1, 2].map((index) => node(index)));
    const addresses = nodes.map(addressOf);
    const [one, two, three] = await Promise.all([
      member(nodes[0] as Libp2p, addresses.slice(0, 2)),
      member(nodes[1] as Libp2p, addresses.slice(0, 2)),
      member(nodes[2] as Libp2p, addresses),
    ]);
    await eventually(() => expect(one.reached).toEqual(['borneo']));
    three.channel.broadcast(utf8('too early'));
    await eventually(() => expect(one.misbehaved).toContain(undefined));
    one.mesh.setPeers(peersAt(addresses));
    await eventually(() => expect(one.reached).toEqual(['borneo', 'cassini']));
    one.channel.broadcast(utf8('all of you'));
    await eventually(() => expect(three.heard).toEqual(['ayla:all of you']));
    await eventually(() => expect(two.heard).toEqual(['ayla:all of you']));
    await eventually(() => expect(three.reached).toContain('ayla'));
    three.channel.send('ayla', utf8('now'));
    await eventually(() => expect(one.heard.at(-1)).toBe('cassini:now'));
    expect(one.reached).toEqual(['borneo', 'cassini']);
  });

  it('hears nothing more of one that is left out, nor sends it anything', async () => {
    const [first, second, third] = await members(3);
    await eventually(() => expect(new Set(second?.reached)).toEqual(new Set(['ayla', 'cassini'])));
    const staying = peersAt([first, second].map((one) => addressOf(one?.libp2p as Libp2p)));
    first?.mesh.setPeers(staying);
    expect([...(first?.mesh.connected() ?? [])]).toEqual(['borneo']);
    third?.channel.broadcast(utf8('still me'));
    first?.channel.broadcast(utf8('to those who stay'));
    await eventually(() =>
      expect(second?.heard.toSorted()).toEqual(['ayla:to those who stay', 'cassini:still me']),
    );
    await eventually(() => expect(first?.misbehaved).toContain(undefined));
    expect([first?.heard, third?.heard]).toEqual([[], []]);
  });

  it('takes one of the same name with another key for another peer', async () => {
    const [first, second] = await members(2);
    await eventually(() => expect(first?.reached).toEqual(['borneo']));
    const successor = await member(await node(2), [addressOf(first?.libp2p as Libp2p)]);
    const [, , third] = peersAt(['', '', addressOf(successor.libp2p)]);
    if (third !== undefined) first?.mesh.setPeers([{ ...third, name: 'borneo' }]);
    await eventually(() => expect(first?.reached).toEqual(['borneo', 'borneo']));
    first?.channel.broadcast(utf8('to the new one'));
    await eventually(() => expect(successor.heard).toEqual(['ayla:to the new one']));
    expect(second?.heard).toEqual([]);
  });

  it('answers one without an address over the connection it has opened', async () => {
    const firstNode = await node(0);
    const secondNode = await node(1);
    const first = await member(firstNode, []);
    const [, unreachable] = peersAt(['', '']);
    if (unreachable !== undefined) first.mesh.setPeers([{ ...unreachable, addresses: [] }]);
    const second = await member(secondNode, [addressOf(firstNode)]);
    await eventually(() => expect(first.reached).toEqual(['borneo']));
    first.channel.send('borneo', utf8('I hear you'));
    await eventually(() => expect(second.heard).toEqual(['ayla:I hear you']));
  });
});
