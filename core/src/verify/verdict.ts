import type { CheckpointFacts, Rung, RungId, VerdictWord } from './types.ts';

/**
 * One word out of all rungs. Every rung is needed: one that fails is a mismatch, one that is missing leaves the matter open.
 * `staleBefore` is in unix seconds: a checkpoint that is not known to be newer gives a stale view.
 */
export function decide(
  rungs: readonly Rung[],
  checkpoint: CheckpointFacts | undefined,
  staleBefore: number,
): VerdictWord {
  if (rungs.some(({ state }) => state === 'fail')) return 'mismatch';
  if (isAbsenceProven(rungs)) return 'not-in-log';
  if (checkpoint === undefined || rungs.some(({ state }) => state !== 'pass')) return 'could-not-check';
  return checkpoint.freshAsOf < staleBefore ? 'verified-stale' : 'verified';
}

/** An absence counts when the log it was found in is signed and is the one seen before. */
function isAbsenceProven(rungs: readonly Rung[]): boolean {
  const passes = (id: RungId) => rungs.some((rung) => rung.id === id && rung.state === 'pass');
  const absent = rungs.some((rung) => rung.id === 'record' && rung.error?.code === 'E_NOT_IN_LOG');
  return absent && passes('quorum') && passes('history');
}
