/** What was found in several rounds of the same work. */
export interface Summary {
  readonly rounds: number;
  readonly median: number;
  /** The middle four fifths of the rounds lie between these. */
  readonly p10: number;
  readonly p90: number;
  readonly p99: number;
}

/** One measured thing, and what it is to be held against, measured in the same run. */
export interface BenchRow {
  readonly name: string;
  readonly unit: 'MB/s' | 'ms' | 'records/s';
  readonly measured: Summary;
  readonly baseline?: Baseline;
}

export interface Baseline {
  /** What the baseline is, short enough for a table. */
  readonly name: string;
  readonly measured: Summary;
}

/** Work to be timed, and what it is compared with. Both handle the same amount of `unit` in one round. */
export interface Contest {
  readonly name: string;
  readonly unit: 'MB/s' | 'records/s';
  /** Bytes or records in one round. */
  readonly amount: number;
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

/** Runs several works in turns, so that other load on the machine falls on all of them. The first round warms up and does not count. */
export async function inTurns(
  works: readonly Work[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, work] of works.entries()) {
      const ms = await timed(work);
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times;
}

/** Rates of subject and baseline, timed in turns. */
export async function compareRates(contest: Contest, rounds: number): Promise<BenchRow> {
  const { name, unit, amount, subject, baseline } = contest;
  const [ours = [], theirs = []] = await inTurns([subject, baseline.work], rounds);
  return {
    name,
    unit,
    measured: rateSummary(ours, amount, unit),
    baseline: { name: baseline.name, measured: rateSummary(theirs, amount, unit) },
  };
}

/** The rates that these times, in milliseconds, for an amount of bytes or records come to. MB are 10^6 bytes. */
export function rateSummary(times: readonly number[], amount: number, unit: 'MB/s' | 'records/s'): Summary {
  const perSecond = (ms: number): number => (amount / ms) * 1000;
  return summarise(times.map((ms) => (unit === 'MB/s' ? perSecond(ms) / 1e6 : perSecond(ms))));
}
