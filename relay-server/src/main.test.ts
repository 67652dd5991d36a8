import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Libp2p } from '@libp2p/interface';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Ports } from './settings/ports.ts';
import { TestAuthorities } from './testing/authority.fixture.ts';
import { connect as connectPeer, startPeer } from './testing/peer.fixture.ts';
import { relayFolder, type RelayFolder } from './testing/relay.fixture.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));

interface Ready {
  readonly ready: true;
  readonly http: string;
  readonly peerId: string;
  readonly addresses: readonly string[];
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function run(args: readonly string[]): {
  child: ChildProcess;
  exited: Promise<number | null>;
  log: () => string;
} {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  running.push(child);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  return { child, exited: new Promise((resolve) => child.once('exit', resolve)), log: () => log };
}

async function runReady(folder: RelayFolder) {
  const started = run(['run', '--data', folder.path]);
  const { stdout } = started.child;
  if (stdout === null) throw new Error('The relay has no output');
  const line = await new Promise<string>((resolve) => createInterface(stdout).once('line', resolve));
  return { ...started, ready: JSON.parse(line) as Ready };
}

async function newFolder(nodes: readonly Libp2p[] = []): Promise<RelayFolder> {
  const folder = await relayFolder(nodes);
  onTestFinished(() => folder.remove());
  return folder;
}

/** Nothing, one byte, noise, and what looks like the beginning of something. */
const garbage: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.from({ length: 1200 }, (_, i) => (i * 7919) >>> 3),
  new Uint8Array(1200),
  new TextEncoder().encode('\x13/multistream/1.0.0\n\xff\xff\xff\xff\xff'),
  new TextEncoder().encode(
    'GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n',
  ),
  stunRequest('no colon'),
  stunRequest('short:short'),
  stunRequest(`${'\0'.repeat(40)}:${'\0'.repeat(40)}`),
  stunRequest(`libp2p+webrtc+v1/${'x'.repeat(400)}:libp2p+webrtc+v1/${'x'.repeat(400)}`),
  stunRequest('libp2p+webrtc+v1/aaaaaaaaaaaaaaaa:libp2p+webrtc+v1/aaaaaaaaaaaaaaaa'),
];

/** A STUN binding request with this user name, as ICE sends it. */
function stunRequest(username: string): Uint8Array {
  const name = Buffer.from(username);
  const padded = Math.ceil(name.length / 4) * 4;
  const request = Buffer.alloc(24 + padded);
  request.writeUInt16BE(1, 0);
  request.writeUInt16BE(4 + padded, 2);
  request.writeUInt32BE(0x2112a442, 4);
  request.writeUInt16BE(6, 20);
  request.writeUInt16BE(name.length, 22);
  name.copy(request, 24);
  return request;
}

async function floodTcp(port: number): Promise<void> {
  for (const bytes of garbage) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(bytes);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 200))]);
    socket.destroy();
  }
}

async function floodUdp(port: number): Promise<void> {
  const socket = createSocket('udp4');
  for (let round = 0; round < 20; round++) {
    for (const bytes of garbage) socket.send(bytes, port, '127.0.0.1');
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  socket.close();
}

describe('the relay process', { timeout: 30_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends cleanly at %s, open event streams and connections or not',
    async (signal) => {
      const { child, exited, ready } = await runReady(await newFolder());
      const stream = await fetch(`${ready.http}/events`);
      const { hostname, port } = new URL(ready.http);
      const idle = connect(Number(port), hostname).on('error', () => undefined);
      child.kill(signal);
      expect(await exited).toBe(0);
      await stream.body?.cancel().catch(() => undefined);
      idle.destroy();
    },
  );

  it('ends when whoever started it is gone', async () => {
    const { child, exited } = await runReady(await newFolder());
    child.stdin?.end();
    expect(await exited).toBe(0);
  });

  it('is the same peer at the same addresses after a restart, and has what it had', async () => {
    const authorities = await TestAuthorities.create();
    const node = await authorities.start(0);
    const folder = await newFolder([node]);
    const first = await runReady(folder);
    const checkpoint = async ({ http }: Ready) =>
      new Uint8Array(await (await fetch(`${http}/checkpoint`)).arrayBuffer());
    await vi.waitFor(async () => expect(await checkpoint(first.ready)).toEqual(authorities.note), 10_000);
    await node.stop();
    first.child.kill('SIGKILL');
    await first.exited;
    const second = await runReady(folder);
    expect(second.ready).toEqual(first.ready);
    expect(await checkpoint(second.ready)).toEqual(authorities.note);
    expect(
      second.ready.addresses.map((address) => address.replaceAll(/\d{4,}|uEi[\w-]+|12D\w+/g, '…')),
    ).toEqual([
      '/ip4/127.0.0.1/tcp/…/ws/p2p/…',
      '/ip4/127.0.0.1/udp/…/webrtc-direct/certhash/…/p2p/…',
      '/ip4/127.0.0.1/tcp/…/p2p/…',
    ]);
  });

  it('survives garbage on every port', async () => {
    const folder = await newFolder();
    const { child, ready, log } = await runReady(folder);
    const ports = JSON.parse(await readFile(join(folder.path, 'ports.json'), 'utf8')) as Ports;
    for (const port of [ports.http, ports.ws, ports.tcp]) await floodTcp(port);
    for (const port of [ports.webrtcDirect, ports.stun]) await floodUdp(port);
    const peer = await startPeer();
    onTestFinished(() => peer.stop());
    for (const transport of ['ws', 'tcp', 'webrtc-direct']) {
      const connection = await connectPeer(peer, ready.addresses, transport);
      await connection.close();
    }
    expect((await fetch(`${ready.http}/status.json`)).status).toBe(200);
    expect(child.exitCode).toBeNull();
    expect(log()).not.toMatch(/uncaught|unhandled/);
  });

  it('says what is wrong with its settings', async () => {
    const { exited, log } = run(['run', '--data', '/nonexistent']);
    expect(await exited).toBe(1);
    expect(log()).toMatch(
      /cannot run: The configuration \/nonexistent\/config.json cannot be used: .*ENOENT/,
    );
  });
});
