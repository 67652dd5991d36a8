/** What was found in several rounds of the same work. */
export interface Summary {
  readonly rounds: number;
  readonly median: number;
  /** The middle four fifths of the rounds lie between these. */
  readonly p10: number;
  readonly p90: number;
  readonly p99: number;
}

/** Rates, of which more is better, times and sizes. `MB/CPU-s` is per second of processor time. */
export type Unit = 'MB/s' | 'MB/CPU-s' | 'ms' | 'records/s' | 'bytes' | 'MiB';

/** One measured thing, and what it is to be held against. */
export interface BenchRow {
  readonly name: string;
  readonly unit: Unit;
  readonly measured: Summary;
  readonly baseline?: Baseline;
}

/** What was measured in turns with the thing itself, round by round. */
export interface Baseline {
  /** What it is, short enough for a table. */
  readonly name: string;
  readonly measured: Summary;
  /** Median over the rounds of the thing's value divided by the baseline's of the same round. */
  readonly ratio: number;
}

/** Work to be timed, and what it is compared with. Both handle the same bytes in one round. */
export interface Contest {
  readonly name: string;
  /** Bytes in one round. */
  readonly bytes: number;
  readonly subject: Work;
  readonly baseline: { readonly name: string; readonly work: Work };
}

/** One round. What has to be done around it, untimed, is the caller's business. */
export type Work = () => unknown;

/** Median and spread of the values, which must not be empty. Quantiles are taken by the nearest rank. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  return {
    rounds: sorted.length,
    median: quantile(0.5),
    p10: quantile(0.1),
    p90: quantile(0.9),
    p99: quantile(0.99),
  };
}

/** Times one call, its promise included, in milliseconds. */
export async function timed(work: Work): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** A row of a table from the values of all rounds; those of the baseline are of the same rounds. */
export function rowOf(
  name: string,
  unit: Unit,
  values: readonly number[],
  baseline?: { readonly name: string; readonly values: readonly number[] },
): BenchRow {
  const row = { name, unit, measured: summarise(values) };
  if (baseline === undefined) return row;
  const ratios = values.map((value, round) => value / (baseline.values[round] ?? Number.NaN));
  const measured = summarise(baseline.values);
  return { ...row, baseline: { name: baseline.name, measured, ratio: summarise(ratios).median } };
}

/**
 * Megabytes (10^6 bytes) per second of this thread's processor time, subject and baseline in turns: other load on the machine
 * hardly shows. The first round warms up and does not count.
 */
export async function compareCpuRates(contest: Contest, rounds: number): Promise<BenchRow> {
  const { name, bytes, subject, baseline } = contest;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const rates = [bytes / (await cpuTimed(baseline.work)), bytes / (await cpuTimed(subject))] as const;
    if (round === 0) continue;
    theirs.push(rates[0]);
    ours.push(rates[1]);
  }
  return rowOf(name, 'MB/CPU-s', ours, { name: baseline.name, values: theirs });
}

/** What these times, in milliseconds, for an amount of something come to per second. */
export function perSecond(times: readonly number[], amount: number): readonly number[] {
  return times.map((ms) => (amount / ms) * 1000);
}

/** Microseconds of processor time that one call takes in this thread. */
async function cpuTimed(work: Work): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return user + system;
}
