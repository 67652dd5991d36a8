/** One measured number. */
export interface BenchRow {
  readonly name: string;
  /** Median over all rounds, in `unit`. */
  readonly median: number;
  readonly unit: string;
  /** Median of what it is compared with, measured in the same rounds, in `unit`. */
  readonly baseline?: number;
  /** median / baseline. */
  readonly ratio?: number;
}

/** Work to be timed, and what it is compared with. */
export interface Contest {
  readonly name: string;
  /** Bytes that both handle in one round. */
  readonly bytes: number;
  readonly subject: () => void | Promise<void>;
  readonly baseline: () => void | Promise<void>;
}

/**
 * Times subject and baseline in turns, so that other load on the machine falls on both, and returns their median
 * rates in MB/s (10^6 bytes). The first round warms up and does not count.
 */
export async function compareRates(contest: Contest, rounds: number): Promise<BenchRow> {
  const subject: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const rates = [
      await rateOf(contest.baseline, contest.bytes),
      await rateOf(contest.subject, contest.bytes),
    ];
    if (round === 0) continue;
    baseline.push(rates[0] ?? 0);
    subject.push(rates[1] ?? 0);
  }
  const [ours, theirs] = [median(subject), median(baseline)];
  return { name: contest.name, median: ours, unit: 'MB/s', baseline: theirs, ratio: ours / theirs };
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** Prints rows as a table for people. */
export function printRows(rows: readonly BenchRow[]): void {
  const table = rows.map(({ name, median: value, unit, baseline, ratio }) => ({
    name,
    median: `${value.toPrecision(3)} ${unit}`,
    baseline: baseline === undefined ? '' : `${baseline.toPrecision(3)} ${unit}`,
    ratio: ratio === undefined ? '' : ratio.toFixed(2),
  }));
  console.table(table);
}

async function rateOf(work: () => void | Promise<void>, bytes: number): Promise<number> {
  const started = performance.now();
  await work();
  return bytes / 1000 / (performance.now() - started);
}
