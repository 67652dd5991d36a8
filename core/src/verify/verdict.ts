import type { CheckpointFacts, Rung, VerdictWord, Verification } from './types.ts';

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

/** An absence is looked for only under a signed checkpoint; it counts when that is known to continue what was seen before. */
function isAbsenceProven(rungs: readonly Rung[]): boolean {
  const absent = rungs.some(({ id, error }) => id === 'record' && error?.code === 'E_NOT_IN_LOG');
  return absent && rungs.some(({ id, state }) => id === 'history' && state === 'pass');
}

/** Whether bytes under this verdict may be kept and handed out. */
export function isVerified({ verdict }: Pick<Verification, 'verdict'>): boolean {
  return verdict === 'verified' || verdict === 'verified-stale';
}
