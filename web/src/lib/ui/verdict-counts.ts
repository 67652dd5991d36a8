import type { VerdictWord } from '@assay/core/verify/types.ts';
import { verdictWords } from '../../components/verdicts.ts';
import type { FileRun } from './file-checks.svelte.ts';
import { formatAmount, formatCount } from './format.ts';

/** The outcomes of several files in a line: `3 files: 2 Verified, 1 Mismatch`. */
export function verdictCounts(runs: readonly Pick<FileRun, 'state' | 'verification'>[]): string {
  const counts = Map.groupBy(runs, outcomeOf);
  const clauses = order.flatMap((word) => {
    const count = counts.get(word)?.length;
    return count === undefined ? [] : [`${formatCount(count)} ${words[word]}`];
  });
  return `${formatAmount(runs.length, 'file')}: ${clauses.join(', ')}`;
}

type Outcome = VerdictWord | 'open';

const words: Readonly<Record<Outcome, string>> = { ...verdictWords, open: 'to be checked' };
/** What needs attention first. */
const order: readonly Outcome[] = [
  'mismatch',
  'not-in-log',
  'could-not-check',
  'verified-stale',
  'verified',
  'open',
];

function outcomeOf({ state, verification }: Pick<FileRun, 'state' | 'verification'>): Outcome {
  return verification?.verdict ?? (state === 'failed' ? 'could-not-check' : 'open');
}
