import { join, resolve } from 'node:path';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { lockFolder } from '@assay/stores/fs/folder-lock.ts';
import type { Output } from '../output.ts';
import { programs } from '../programs.ts';
import { requesterSeed } from '../requester-key.ts';
import { Child } from './child.ts';
import { configure, RELAY_FOLDER } from './configure.ts';
import { authorityFolder, foundNetwork, openNetwork } from './found-network.ts';
import { configuredNpmRegistry } from './npm-registry.ts';
import { bindForAMoment, LOOPBACK } from './ports.ts';
import { seed } from './seed.ts';

export interface UpOptions {
  readonly dataDir: string;
  readonly port: number;
  /** Size of the authority set of a new network; an existing one keeps its own. */
  readonly authorities: number;
  /** Packages requested when the network is new. */
  readonly seeds: readonly string[];
  readonly clock: Clock;
  /** Fires when the network is to be stopped. */
  readonly signal: AbortSignal;
  readonly verbose: boolean;
}

/**
 * Runs a local network, new or resumed, until the signal fires: one process per authority and one for the relay. Says one
 * line per process, then one when all of it can be used. A process that ends by itself is reported, not quietly replaced.
 */
export async function up(options: UpOptions, output: Output): Promise<void> {
  const dataDir = resolve(options.dataDir);
  const lock = await lockFolder(dataDir);
  try {
    await run({ ...options, dataDir }, output);
  } finally {
    lock.release();
  }
}

async function run(options: UpOptions, output: Output): Promise<void> {
  const { dataDir } = options;
  if ((await bindForAMoment(options.port)) === undefined)
    throw new AssayError('E_PORT_IN_USE', { port: options.port });
  const existing = await openNetwork(dataDir);
  const trust = existing ?? (await foundNetwork(dataDir, options.authorities));
  await configure({ dataDir, trust, port: options.port, npmRegistry: await configuredNpmRegistry() });

  const children: Child[] = [];
  const start = async (name: string, program: string, folder: string): Promise<Record<string, unknown>> => {
    const child = new Child({
      name,
      program,
      args: ['run', '--data', folder],
      onLog: (line) => {
        if (options.verbose) output.progress({ event: 'log', name, line }, `${name.padEnd(10)} ${line}`);
      },
      onExit: ({ asked, code, signal }) => {
        if (asked) return;
        output.error(
          new AssayError('E_PROCESS_ENDED', {
            name,
            reason: `code ${code ?? 'none'}, signal ${signal ?? 'none'}`,
          }),
        );
      },
    });
    children.push(child);
    const ready = await child.ready();
    output.result(
      { event: 'process', name, pid: child.pid, ...ready },
      `${name.padEnd(10)} pid ${child.pid ?? '?'}  ${describe(ready)}`,
    );
    return ready;
  };

  try {
    await startAll(dataDir, trust, start);
    const url = `http://${LOOPBACK}:${options.port}`;
    const story = existing === undefined ? 'new network' : 'resumed';
    output.result(
      { event: 'ready', url, origin: trust.genesis.origin, resumed: existing !== undefined },
      `ready      ${url}  ${trust.genesis.origin}, ${story}. Ctrl-C stops it.`,
    );
    if (existing === undefined && options.seeds.length > 0) {
      const key = await requesterSeed(join(dataDir, 'client'));
      await seed(
        options.seeds,
        { relay: url, trust, clock: options.clock, signal: options.signal, seed: key },
        output,
      );
    }
    await aborted(options.signal);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

async function startAll(
  dataDir: string,
  trust: NetworkTrust,
  start: (name: string, program: string, folder: string) => Promise<Record<string, unknown>>,
): Promise<void> {
  await Promise.all(
    trust.current.authorities.map(({ name }, index) =>
      start(name, programs.authority, authorityFolder(dataDir, index)),
    ),
  );
  await start('relay', programs.relay, join(dataDir, RELAY_FOLDER));
}

function describe(ready: Record<string, unknown>): string {
  if (typeof ready['http'] === 'string') return ready['http'];
  const { addresses } = ready;
  return Array.isArray(addresses) ? String(addresses[0]) : '';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
