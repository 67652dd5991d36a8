import type { Answer } from '../jobs.ts';
import { onAllCores, SimWorker } from '../pool.ts';
import type { Mutation } from './mutation.ts';

/** Runs of one scenario before the next takes its turn. */
const BATCH = 5;
/** Longest time one batch may take, in milliseconds; then the mutation is taken to run for ever, which is a kill. */
const MOST_TIME = 40_000;

/** How a mutation fared. */
export interface Verdict {
  readonly mutation: Mutation;
  /** What gave it away; undefined when it survived. */
  readonly killedBy?: string;
  readonly runs: number;
  /** Events of all processes in these runs. */
  readonly events: number;
  /** Processor time, in milliseconds. */
  readonly time: number;
}

/** Runs every mutation until it is noticed or its budget is spent, several at a time. */
export async function runMutations(
  mutations: readonly Mutation[],
  onVerdict: (verdict: Verdict, done: number) => void,
): Promise<Verdict[]> {
  const waiting = [...mutations];
  const verdicts: Verdict[] = [];
  await onAllCores(
    () => waiting.shift(),
    async (mutation) => {
      const verdict = await judge(mutation);
      verdicts.push(verdict);
      onVerdict(verdict, verdicts.length);
    },
  );
  return mutations.flatMap((mutation) => verdicts.filter((verdict) => verdict.mutation === mutation));
}

async function judge(mutation: Mutation): Promise<Verdict> {
  const worker = new SimWorker({ mutation: mutation.name });
  const spent = { runs: 0, events: 0, time: 0 };
  try {
    for (let turn = 0; spent.runs < mutation.budget; turn++) {
      const scenario = mutation.scenarios[turn % mutation.scenarios.length] ?? mutation.scenarios[0];
      const firstSeed = 1 + Math.floor(turn / mutation.scenarios.length) * BATCH;
      const runs = Math.min(BATCH, mutation.budget - spent.runs);
      const answer = await worker.do({ scenario, firstSeed, runs, isStoppedByFailure: true }, MOST_TIME);
      if (answer === undefined) return { mutation, ...spent, killedBy: 'a run that does not end' };
      spent.runs += answer.runs;
      spent.events += answer.events;
      spent.time += answer.time;
      const killedBy = reasonOf(answer);
      if (killedBy !== undefined) return { mutation, ...spent, killedBy };
    }
    return { mutation, ...spent };
  } finally {
    await worker.end();
  }
}

function reasonOf({ failures: [failure] }: Answer): string | undefined {
  return failure?.violations[0]?.split('\n')[0];
}
