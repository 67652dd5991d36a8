import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endOf } from './up.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-up-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('hears that a stream ends, or breaks', async () => {
  for (const stop of [(s: PassThrough) => s.end(), (s: PassThrough) => s.destroy(new Error('gone'))]) {
    const stream = new PassThrough();
    const signal = endOf(stream);
    expect(signal.aborted).toBe(false);
    stop(stream);
    await expect.poll(() => signal.aborted).toBe(true);
  }
});

it.each<[string, (up: ChildProcess) => void]>([
  ['the other end of its standard input closes', (up) => up.stdin?.end()],
  ['it is interrupted', (up) => up.kill('SIGINT')],
])(
  'told to end with its standard input, ends with all processes when %s',
  { timeout: 60_000 },
  async (_when, stop) => {
    const port = await freePort();
    const args = [MAIN, 'up', '--data', folder, '--port', String(port), '--seed', '', '--json'];
    const up = spawn(process.execPath, [...args, '--until-stdin-ends'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const ended = once(up, 'exit');
    let printed = '';
    up.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await expect.poll(() => printed, { timeout: 45_000 }).toContain('"event":"ready"');
    const pids = [...printed.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
    expect(pids).toHaveLength(5);
    stop(up);
    expect(await ended).toEqual([0, null]);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  },
);
