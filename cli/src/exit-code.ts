import type { VerdictWord } from '@assay/core/verify/types.ts';

/** How a command ends, as its exit code: scripts rely on these. */
export const exitCode = {
  ok: 0,
  /** The command failed; the error says why. */
  failed: 1,
  /** The command line itself was wrong. */
  usage: 2,
  /** Something contradicts something else. */
  mismatch: 3,
  notInLog: 4,
  couldNotCheck: 5,
} as const;

/** The exit code of a verdict. A stale view is a success with a warning: the bytes match what the log recorded. */
export function exitCodeOf(verdict: VerdictWord): number {
  switch (verdict) {
    case 'verified':
    case 'verified-stale':
      return exitCode.ok;
    case 'mismatch':
      return exitCode.mismatch;
    case 'not-in-log':
      return exitCode.notInLog;
    case 'could-not-check':
      return exitCode.couldNotCheck;
  }
}
