import { fstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { createClock } from '@assay/core/clock.ts';
import { createLog } from './logger.ts';
import { startRelay } from './relay.ts';
import { readArguments, USAGE } from './settings/arguments.ts';
import { loadRelayConfig } from './settings/relay-config.ts';

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

const dataDir = readArguments(process.argv.slice(2));
if (dataDir === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
try {
  await run(resolve(dataDir));
  process.exit(0);
} catch (error) {
  log(`cannot run: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
