import { spawn, type ChildProcess } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Libp2p } from '@libp2p/interface';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TestAuthorities } from './testing/authority.fixture.ts';
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

  it('says what is wrong with its settings', async () => {
    const { exited, log } = run(['run', '--data', '/nonexistent']);
    expect(await exited).toBe(1);
    expect(log()).toMatch(
      /cannot run: The configuration \/nonexistent\/config.json cannot be used: .*ENOENT/,
    );
  });
});
