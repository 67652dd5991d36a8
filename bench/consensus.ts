// What agreement alone costs: four authorities in this process with real keys, databases and files, and no network between them.
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fail, unwrap } from '@assay/core/errors/result.ts';
import { checkTransaction } from '@assay/core/records/check-transaction.ts';
import { epochContext } from '@assay/core/records/epoch-context.ts';
import { decodeTransaction } from '@assay/core/records/transaction.ts';
import { TestAuthorities } from '../authority/src/consensus/testing/test-authorities.ts';
import { perSecond, rowOf, timed, type BenchRow } from './measure.ts';
import { SqliteCommits } from './sqlite-commit.ts';

const AUTHORITIES = [0, 1, 2, 3];
const LATENCY_ROUNDS = 50;
/** Rounds of the burst, and transactions in each: several full consensus blocks, and fewer than may wait at a time. */
const BURSTS = 3;
const BURST = 510;
/** As authorities run; a machine under load must not count as an absent leader. */
const TIMING = { delta: 500, idleTick: 30_000 };

/** Latency from a transaction that is attested already to its finality and its checkpoint, and records per second in a burst. */
export async function bench(): Promise<readonly BenchRow[]> {
  const net = await TestAuthorities.make(AUTHORITIES.length, { timing: TIMING });
  try {
    return [...(await latency(net)), await throughput(net)];
  } finally {
    await net.dispose();
  }
}

async function latency(net: TestAuthorities): Promise<readonly BenchRow[]> {
  const commits = new SqliteCommits();
  const times = { final: [] as number[], checkpoint: [] as number[], commit: [] as number[] };
  for (let round = 0; round <= LATENCY_ROUNDS; round++) {
    const commit = await timed(() => commits.commit());
    const transaction = net.transaction(`pkg:npm/single@1.0.${round}`);
    const started = performance.now();
    const finality = once((done) => net.at(0).onFinal(done));
    const publication = once((done) => net.at(0).onCheckpoint(done));
    unwrap(net.at(0).submit(transaction));
    const final = (await finality) - started;
    const checkpoint = (await publication) - started;
    if (round === 0) continue;
    times.commit.push(commit);
    times.final.push(final);
    times.checkpoint.push(checkpoint);
  }
  commits.close();
  const baseline = { name: 'SQLite commit', values: times.commit };
  return [
    rowOf('attested → final', 'ms', times.final, baseline),
    rowOf('attested → checkpoint on disk', 'ms', times.checkpoint, baseline),
  ];
}

async function throughput(net: TestAuthorities): Promise<BenchRow> {
  const bursts: number[] = [];
  const checks: number[] = [];
  for (let round = 0; round < BURSTS; round++) {
    const purls = Array.from({ length: BURST }, (_, number) => `pkg:npm/burst-${round}@1.0.${number}`);
    const transactions = purls.map((purl) => net.transaction(purl));
    checks.push(await timed(() => AUTHORITIES.forEach(() => checkAll(net, transactions))));
    bursts.push(await timed(() => makeFinal(net, transactions)));
  }
  const baseline = { name: 'checking them 4 times', values: perSecond(checks, BURST) };
  return rowOf(`attested → final, ${BURST} at once`, 'records/s', perSecond(bursts, BURST), baseline);
}

/** Resolves when all authorities hold all these transactions as final. */
async function makeFinal(net: TestAuthorities, transactions: readonly Uint8Array[]): Promise<void> {
  const everywhere = AUTHORITIES.map((node) => {
    let missing = transactions.length;
    return new Promise<void>((resolve) => {
      const stop = net.at(node).onFinal(({ entries }) => {
        // The last entry of every batch is its state record.
        missing -= entries.length - 1;
        if (missing > 0) return;
        stop();
        resolve();
      });
    });
  });
  for (const transaction of transactions) unwrap(net.at(0).submit(transaction));
  await Promise.all(everywhere);
}

function checkAll({ network }: TestAuthorities, transactions: readonly Uint8Array[]): void {
  const context = unwrap(epochContext(network.trust));
  const ports = { verify: verifyEd25519Node, judgeOffence: () => fail('E_EQUIVOCATION', { reason: 'none' }) };
  for (const bytes of transactions) {
    unwrap(checkTransaction(unwrap(decodeTransaction(bytes)), context, ports));
  }
}

/** The moment at which a listener is first called. */
function once(listen: (done: () => void) => () => void): Promise<number> {
  return new Promise((resolve) => {
    const stop = listen(() => {
      stop();
      resolve(performance.now());
    });
  });
}
