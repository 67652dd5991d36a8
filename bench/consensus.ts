// What agreement alone costs: four authorities as processes of their own, with real keys, databases and files, and sockets between them.
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fail, unwrap } from '@assay/core/errors/result.ts';
import { checkTransaction } from '@assay/core/records/check-transaction.ts';
import { epochContext } from '@assay/core/records/epoch-context.ts';
import { decodeTransaction } from '@assay/core/records/transaction.ts';
import { AuthorityProcesses } from './consensus/processes.ts';
import { perSecond, rowOf, timed, type BenchRow } from './measure.ts';
import { SqliteCommits } from './sqlite-commit.ts';

const AUTHORITIES = 4;
const LATENCY_ROUNDS = 50;
/** Rounds of the burst, and transactions in each: several full consensus blocks, and fewer than may wait at a time. */
const BURSTS = 3;
const BURST = 510;

/** Latency from a transaction that is attested already to its finality and its checkpoint, and records per second in a burst. */
export async function bench(): Promise<readonly BenchRow[]> {
  const authorities = await AuthorityProcesses.start(AUTHORITIES);
  try {
    return [...(await latency(authorities)), await throughput(authorities)];
  } finally {
    await authorities.stop();
  }
}

async function latency(authorities: AuthorityProcesses): Promise<readonly BenchRow[]> {
  const commits = new SqliteCommits();
  const times = { final: [] as number[], checkpoint: [] as number[], commit: [] as number[] };
  for (let round = 0; round <= LATENCY_ROUNDS; round++) {
    const commit = await timed(() => commits.commit());
    const transactions = [authorities.transaction(`pkg:npm/single@1.0.${round}`)];
    const { final, checkpoint } = await authorities.ask(0, { kind: 'submit', transactions });
    if (round === 0) continue;
    times.commit.push(commit);
    times.final.push(final ?? Number.NaN);
    times.checkpoint.push(checkpoint ?? Number.NaN);
  }
  commits.close();
  const baseline = { name: 'SQLite commit', values: times.commit };
  return [
    rowOf('attested → final', 'ms', times.final, baseline),
    rowOf('attested → checkpoint on disk', 'ms', times.checkpoint, baseline),
  ];
}

async function throughput(authorities: AuthorityProcesses): Promise<BenchRow> {
  const bursts: number[] = [];
  const checks: number[] = [];
  for (let round = 0; round < BURSTS; round++) {
    const transactions = Array.from({ length: BURST }, (_, number) =>
      authorities.transaction(`pkg:npm/burst-${round}@1.0.${number}`),
    );
    checks.push(await timed(() => checkAll(authorities, transactions)));
    const { final } = await authorities.ask(0, { kind: 'submit', transactions });
    bursts.push(final ?? Number.NaN);
  }
  const baseline = { name: 'checking them once', values: perSecond(checks, BURST) };
  return rowOf(`attested → final, ${BURST} at once`, 'records/s', perSecond(bursts, BURST), baseline);
}

function checkAll({ network }: AuthorityProcesses, transactions: readonly Uint8Array[]): void {
  const context = unwrap(epochContext(network.trust));
  const ports = { verify: verifyEd25519Node, judgeOffence: () => fail('E_EQUIVOCATION', { reason: 'none' }) };
  for (const bytes of transactions) {
    unwrap(checkTransaction(unwrap(decodeTransaction(bytes)), context, ports));
  }
}
