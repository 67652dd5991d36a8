// Garbage on every protocol and every HTTP route: the processes live, answer others, and do not grow.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { maxFrameBytes, protocols } from '@assay/core/protocols.ts';
import { FakeRegistry, smallRelease } from './harness/fake-registry.ts';
import { eventually } from './harness/eventually.ts';
import { HostilePeer } from './harness/hostile-peer.ts';
import { residentMemory } from './harness/memory.ts';
import { Network } from './harness/network.ts';
import { isAlive } from './harness/program.ts';

/** What a flood may leave behind in a process: buffers not yet collected, not a leak. */
const ALLOWED_GROWTH_MIB = 150;
const MIB = 1024 * 1024;

let registry: FakeRegistry;
let network: Network;

beforeAll(async () => {
  registry = await FakeRegistry.start();
  registry.publish(smallRelease('before'));
  registry.publish(smallRelease('after'));
  network = await Network.start({ registry: registry.url() });
  await network.addPackage('pkg:npm/before@1.0.0');
});

afterAll(async () => {
  await network?.stop();
  await registry?.stop();
});

/** TCP addresses that the processes have said they listen on. */
function addressesOf(...names: readonly string[]): readonly string[] {
  const ready = network.lines.filter(
    ({ event, name }) => event === 'process' && names.includes(String(name)),
  );
  const addresses = ready.flatMap((line) => (line['addresses'] as string[] | undefined) ?? []);
  return addresses.filter((address) => /\/tcp\/\d+\/p2p\/[^/]+$/.test(address));
}

async function memory(): Promise<ReadonlyMap<string, number>> {
  const sizes = await Promise.all(
    [...network.pids].map(async ([name, pid]) => [name, await residentMemory(pid)] as const),
  );
  return new Map(sizes);
}

/** All processes live, none has grown beyond what is allowed, and the network does its work. */
async function allIsWell(before: ReadonlyMap<string, number>): Promise<void> {
  for (const [name, pid] of network.pids) expect(isAlive(pid), name).toBe(true);
  for (const [name, size] of await memory()) {
    expect(size - (before.get(name) ?? 0), `growth of ${name} in MiB`).toBeLessThan(ALLOWED_GROWTH_MIB);
  }
  const { authorities, relay } = await network.status();
  expect(relay.authoritiesReachable).toBe(authorities.length);
}

/** Streams of bytes that no honest peer sends. */
function nastyStreams(limit: number): readonly Uint8Array[] {
  const frame = (length: number, body: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(4 + body.length);
    new DataView(bytes.buffer).setUint32(0, length);
    bytes.set(body, 4);
    return bytes;
  };
  return [
    new Uint8Array(0),
    Uint8Array.of(0),
    frame(0, new Uint8Array(0)),
    frame(1, Uint8Array.of(0xff)),
    frame(1, Uint8Array.of(0xa0)),
    frame(0xffffffff, randomBytes(64)),
    frame(limit + 1, randomBytes(64)),
    frame(Math.min(limit, 200_000), randomBytes(Math.min(limit, 200_000))),
    frame(1000, randomBytes(10)),
    frame(64, new Uint8Array(64).fill(0x9b)),
    randomBytes(3000),
  ];
}

describe('garbage over libp2p', () => {
  it.each(Object.entries(protocols))('on %s from a stranger', async (name, protocol) => {
    const before = await memory();
    const addresses = addressesOf(...network.pids.keys());
    expect(addresses.length).toBeGreaterThanOrEqual(5);
    for (const address of addresses) {
      const stranger = await HostilePeer.start();
      for (const bytes of nastyStreams(maxFrameBytes[name as keyof typeof protocols])) {
        await stranger.send(address, protocol, bytes);
      }
      await stranger.stop();
    }
    await allIsWell(before);
  });

  it('on the protocols of the authorities from one of them that has gone mad', async () => {
    const keys = JSON.parse(await readFile(join(network.authorityFolder(3), 'keys.json'), 'utf8')) as {
      peer: string;
    };
    await network.kill(3);
    const mad = await HostilePeer.start(unwrap(fromHex(keys.peer)));
    const taken: boolean[] = [];
    for (const address of addressesOf('ayla', 'borneo', 'cassini')) {
      for (const name of ['consensus', 'attestations', 'transactions'] as const) {
        for (const bytes of nastyStreams(maxFrameBytes[name]))
          taken.push(await mad.send(address, protocols[name], bytes));
      }
    }
    await mad.stop();
    expect(taken).toContain(true);
    await network.restart(3);
    await network.addPackage('pkg:npm/after@1.0.0');
    for (const [name, pid] of network.pids) expect(isAlive(pid), name).toBe(true);
    await eventually('the relay to have found the restarted authority again', async () => {
      const { authorities, relay } = await network.status();
      return relay.authoritiesReachable === authorities.length;
    });
  });
});

/** Sends raw bytes to the relay's HTTP port and resolves with what comes back. */
function raw(bytes: Uint8Array | string): Promise<string> {
  const { hostname, port } = new URL(network.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.end(bytes);
  });
}

const routes = [
  '/checkpoint',
  '/tile/0/000',
  '/tile/entries/000.p/5',
  `/evidence/${'0'.repeat(64)}`,
  `/pack/${'A'.repeat(52)}`,
  `/uri-res/N2R?urn:blake2b:${'A'.repeat(52)}`,
  '/requests',
  '/requests/00',
  '/network.json',
  '/status.json',
  '/registry/npm/clsx',
  '/npm/clsx@1.0.0/index.js',
  '/',
  '/sw.js',
];

describe('garbage over HTTP', () => {
  it.each(routes)('on %s', async (route) => {
    const before = await memory();
    const variants = [
      `${route}/../../../../etc/passwd`,
      `${route}%00`,
      `${route}${'/x'.repeat(3000)}`,
      `${route}?${'y'.repeat(5000)}`,
      `${route}%ff%fe`,
      `${route}/${encodeURIComponent('🙂')}`,
    ];
    for (const path of variants) {
      const { status } = await fetch(`${network.url}${path}`, { redirect: 'manual' });
      expect(status, path).not.toBe(500);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const body = method === 'OPTIONS' ? null : randomBytes(100_000);
      const { status } = await fetch(`${network.url}${route}`, { method, body }).catch(() => ({
        status: 413,
      }));
      expect(status, method).not.toBe(500);
    }
    for (const range of ['bytes=-', 'bytes=5-1', 'bytes=0-0,2-3', 'bytes=999999999999999999-', 'lines=1-2']) {
      const { status } = await fetch(`${network.url}${route}`, { headers: { range } }).then(
        async (answer) => {
          await answer.body?.cancel();
          return answer;
        },
      );
      expect(status, range).not.toBe(500);
    }
    await allIsWell(before);
  });

  it('that is no HTTP at all', async () => {
    const before = await memory();
    const host = 'host: 127.0.0.1\r\n';
    const streams: (string | Uint8Array)[] = [
      '',
      '\0',
      randomBytes(MIB),
      'GET\r\n\r\n',
      `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
      `GET / HTTP/1.1\r\n${host}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\nzzzz`,
      `POST /requests HTTP/1.1\r\n${host}content-type: application/cbor\r\ncontent-length: 99999999999\r\n\r\n`,
      `POST /requests HTTP/1.1\r\n${host}content-type: application/cbor\r\ncontent-length: 1\r\n\r\n\x9f`,
      'GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n',
      `GET /events HTTP/1.1\r\n${host}upgrade: websocket\r\nconnection: upgrade\r\n\r\n`,
    ];
    for (const bytes of streams) expect(await raw(bytes)).not.toMatch(/^HTTP\/1\.1 (?:200|500)/);
    await allIsWell(before);
  });
});
