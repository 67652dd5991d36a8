// Whether the memory of an authority stays flat: four authority processes under a steady stream of transactions.
import { AuthorityProcesses } from './consensus/processes.ts';
import { rowOf, summarise, type BenchRow } from './measure.ts';

const AUTHORITIES = 4;
/** Transactions handed in together, and the pause after they are final: some twenty a second. */
const PER_ROUND = 10;
const PAUSE_MS = 400;
const SAMPLES = 12;
const MIB = 2 ** 20;

/** Streams transactions for so many minutes and prints the memory of every authority at intervals, as lines on standard error. */
export async function bench(minutes = 3): Promise<readonly BenchRow[]> {
  const authorities = await AuthorityProcesses.start(AUTHORITIES);
  const times: number[] = [];
  const heaps: number[][] = [];
  try {
    const started = performance.now();
    const elapsed = (): number => (performance.now() - started) / 60_000;
    let sent = 0;
    while (heaps.length < SAMPLES) {
      const transactions = Array.from({ length: PER_ROUND }, () =>
        authorities.transaction(`pkg:npm/soak@1.0.${sent++}`),
      );
      const { final } = await authorities.ask(0, { kind: 'submit', transactions });
      times.push(final ?? Number.NaN);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      if (elapsed() < ((heaps.length + 1) * minutes) / SAMPLES) continue;
      heaps.push(await look(authorities, elapsed(), sent));
    }
  } finally {
    await authorities.stop();
  }
  const half = heaps.length / 2;
  const of = (rows: readonly number[][]): number[] => rows.flat();
  const [early, late] = [of(heaps.slice(0, half)), of(heaps.slice(half))];
  return [
    rowOf('soak: heap of an authority, second half', 'MiB', late, { name: 'first half', values: early }),
    rowOf(`soak: attested → final, ${PER_ROUND} at once, second half`, 'ms', times.slice(times.length / 2), {
      name: 'first half',
      values: Array.from({ length: times.length }, () => summarise(times.slice(0, times.length / 2)).median),
    }),
  ];
}

/** The heap of each authority after a collection, in MiB. */
async function look(authorities: AuthorityProcesses, minutes: number, sent: number): Promise<number[]> {
  const found = await Promise.all(
    Array.from({ length: authorities.count }, (_, index) => authorities.ask(index, { kind: 'memory' })),
  );
  const inMiB = (bytes = Number.NaN): string => (bytes / MIB).toFixed(1);
  const shown = found.map(({ memory }) => `${inMiB(memory?.heap)} of ${inMiB(memory?.resident)}`);
  console.error(
    `${minutes.toFixed(1)} min, ${sent} transactions; MiB of heap, of process: ${shown.join('; ')}`,
  );
  return found.map(({ memory }) => (memory?.heap ?? Number.NaN) / MIB);
}
