// One authority of the bench: real keys, database and log files, its own process. Told what to do over the IPC channel.
import { join } from 'node:path';
import { unwrap } from '@assay/core/errors/result.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import type { Consensus } from '../../authority/src/consensus/consensus.ts';
import { createConsensus } from '../../authority/src/consensus/create-consensus.ts';
import type { Answer, Ask } from './protocol.ts';
import { SocketTransport } from './socket-transport.ts';

/** As authorities run; a machine under load must not count as an absent leader. */
const TIMING = { delta: 500, idleTick: 30_000 };
const POLL_MS = 20;

let consensus: Consensus | undefined;

process.on('message', (ask: Ask) => {
  answerTo(ask).then(
    (answer) => process.send?.(answer),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());

async function answerTo(ask: Ask): Promise<Answer> {
  switch (ask.kind) {
    case 'start':
      await start(ask);
      return {};
    case 'submit':
      return await submit(running(), ask.transactions);
    case 'memory': {
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      return { memory: { resident: rss, heap: heapUsed } };
    }
  }
}

async function start({ folder, index, count }: Extract<Ask, { kind: 'start' }>): Promise<void> {
  const network = makeNetwork(count);
  const { authorities } = network.trust.genesis;
  const own = authorities[index];
  if (own === undefined) throw new RangeError(`there is no authority ${index}`);
  const others = authorities.map(({ name }) => name).filter((name) => name !== own.name);
  const transport = new SocketTransport(folder, own.name, others);
  while (!transport.isConnectedTo(others.length))
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const { seedOf } = network;
  consensus = createConsensus({
    trust: network.trust,
    name: own.name,
    keyRing: { voteSeed: seedOf, cosignSeed: seedOf, logSeed: seedOf, voteKeys: () => [own.voteKey] },
    dataDir: join(folder, own.name),
    transport,
    now: Date.now,
    timing: TIMING,
  });
  await consensus.start();
}

/** Resolves when all are final and a checkpoint that was signed after that is published. */
async function submit(authority: Consensus, transactions: readonly Uint8Array[]): Promise<Answer> {
  const started = performance.now();
  let missing = transactions.length;
  const done = Promise.withResolvers<number>();
  const stop = authority.onFinal(({ entries }) => {
    // The last entry of every batch is its state record.
    missing -= entries.length - 1;
    if (missing > 0) return;
    stop();
    done.resolve(performance.now() - started);
  });
  const published = Promise.withResolvers<number>();
  const stopListening = authority.onCheckpoint(() => {
    if (missing > 0) return;
    stopListening();
    published.resolve(performance.now() - started);
  });
  for (const transaction of transactions) unwrap(authority.submit(transaction));
  return { final: await done.promise, checkpoint: await published.promise };
}

function running(): Consensus {
  if (consensus === undefined) throw new Error('this authority was not started');
  return consensus;
}
