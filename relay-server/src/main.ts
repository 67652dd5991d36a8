import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createClock } from '@assay/core/clock.ts';
import { createLog } from './logger.ts';
import { startRelay } from './relay.ts';
import { loadRelayConfig } from './settings/relay-config.ts';

const USAGE = 'usage: main.ts run --data DIR';
const log = createLog(
  (line) => process.stderr.write(line),
  () => new Date(),
);

/** Runs a relay until it is told to stop. Standard output carries one line of JSON, as soon as the relay answers. */
async function run(dataDir: string): Promise<void> {
  const stopped = toldToStop();
  const config = await loadRelayConfig(dataDir);
  const relay = await startRelay({ dataDir, config, clock: createClock(globalThis), log });
  const { http, peerId, addresses } = relay;
  process.stdout.write(`${JSON.stringify({ ready: true, http, peerId, addresses })}\n`);
  log(`stopping: ${await stopped}`);
  await relay.stop();
}

/** Resolves with the reason when the relay is to end: a signal, or the death of the process that started it. */
function toldToStop(): Promise<string> {
  return new Promise((tell) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => tell(signal));
    process.once('disconnect', () => tell('the parent is gone'));
    const input = fstatSync(0);
    if (!input.isFIFO() && !input.isSocket()) return;
    process.stdin.once('end', () => tell('standard input has ended'));
    process.stdin.once('error', () => tell('standard input has failed'));
    process.stdin.resume();
  });
}

// Whoever read our output may be gone; that is no reason to fail.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
// libp2p and its native transport sometimes fail outside of any call of ours. Such a failure ends a connection, not the relay.
process.on('uncaughtException', (error) => log(`uncaught: ${error.stack ?? error.message}`));
process.on('unhandledRejection', (reason) =>
  log(`unhandled: ${reason instanceof Error ? reason.stack : String(reason)}`),
);

try {
  await run(resolve(readArguments()));
  process.exit(0);
} catch (error) {
  log(`cannot run: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

/** The data folder. Ends the process when the arguments cannot be understood. */
function readArguments(): string {
  const { values, positionals } = parseArgs({
    options: { data: { type: 'string' } },
    allowPositionals: true,
    strict: false,
  });
  const understood = positionals.length === 1 && positionals[0] === 'run' && Object.keys(values).length === 1;
  if (understood && typeof values.data === 'string') return values.data;
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
