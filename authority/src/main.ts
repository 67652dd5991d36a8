import { fstatSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createClock } from '@assay/core/clock.ts';
import { lockFolder } from '@assay/stores/fs/folder-lock.ts';
import { createKeys, identityLine, identityOf, loadKeys } from './keys.ts';
import { KeyRing } from './key-ring.ts';
import { createLogger } from './logger.ts';

const USAGE = `usage: main.ts init --data DIR --name NAME   make keys and print the public identity
       main.ts identity --data DIR          print the public identity again
       main.ts candidate --data DIR         print the file that proves its keys to the operators of a network;
                        [--new-keys]        with new keys to sign with, in place of those it has
       main.ts run --data DIR               run until told to stop
`;
/** The exit code of a command that was not understood, as shells use it. */
const EXIT_USAGE = 2;
/** Whoever does not end within this time after being told to is ended. */
const STOP_TIMEOUT_MS = 6_000;

const clock = createClock(globalThis);
const logger = createLogger((line) => process.stderr.write(line), clock);

/** Ends the process with a plain word on why. */
function die(error: unknown): never {
  logger.error(error instanceof Error ? error.message : String(error));
  if (error instanceof Error && error.name !== 'AssayError') logger.error(error.stack ?? '');
  process.exit(1);
}

async function run(dataDir: string): Promise<void> {
  // Two processes with the same keys would sign against each other. The lock goes with the process.
  const lock = await lockFolder(dataDir);
  // The other commands need none of it and answer at once.
  const { startAuthority } = await import('./authority.ts');
  const authority = await startAuthority(dataDir, { clock, fetch, logger });
  const { name, peerId, addresses } = authority;
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info(`stopping: ${why}`);
    setTimeout(() => die(new Error('stopping took too long')), STOP_TIMEOUT_MS).unref();
    authority.stop().then(() => {
      lock.release();
      process.exit(0);
    }, die);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('the parent process is gone'));
  if (hasParentOnStdin()) process.stdin.on('end', () => stop('standard input was closed')).resume();
  process.stdout.write(`${JSON.stringify({ ready: true, name, peerId, addresses })}\n`);
}

/** A terminal or /dev/null says nothing about a parent; a pipe ends with it. */
function hasParentOnStdin(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isSocket();
  } catch {
    return false;
  }
}

async function main(): Promise<void> {
  const { command, rest = [], data, name, newKeys } = readArguments();
  if (data === undefined || rest.length > 0) usage();
  else if (command === 'init' && name !== undefined) print(await createKeys(data, name));
  else if (command === 'identity') print(await loadKeys(data));
  else if (command === 'candidate') await printCandidate(data, newKeys === true);
  else if (command === 'run') await run(data);
  else usage();
}

/** Nothing at all when the arguments cannot be understood. */
function readArguments(): {
  command?: string;
  rest?: string[];
  data?: string;
  name?: string;
  newKeys?: boolean;
} {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { data: { type: 'string' }, name: { type: 'string' }, 'new-keys': { type: 'boolean' } },
    });
    const [command = '', ...rest] = positionals;
    const { 'new-keys': newKeys, data, name } = values;
    return { command, rest, ...(data && { data }), ...(name && { name }), ...(newKeys && { newKeys }) };
  } catch {
    return {};
  }
}

async function printCandidate(dataDir: string, newKeys: boolean): Promise<void> {
  const { candidateFileOf } = await import('./membership/candidate-file.ts');
  if (newKeys) {
    // A running authority would go on with the keys it has read.
    const lock = await lockFolder(dataDir);
    const ring = await KeyRing.open(dataDir);
    await ring.renew();
    lock.release();
  }
  process.stdout.write(await candidateFileOf(dataDir));
}

function print(keys: Parameters<typeof identityOf>[0]): void {
  process.stdout.write(`${identityLine(identityOf(keys))}\n`);
}

function usage(): void {
  process.stderr.write(USAGE);
  process.exitCode = EXIT_USAGE;
}

process.on('uncaughtException', die);
process.on('unhandledRejection', die);
await main().catch(die);
