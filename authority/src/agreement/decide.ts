import { AssayError, toWire, type WireError } from '@assay/core/errors/assay-error.ts';
import type { AuthorityLimits } from '../limits.ts';
import type { Job } from './job.ts';
import type { Group } from './round.ts';

/** What is to be done about a job. */
export type Decision =
  | { readonly kind: 'wait' }
  | { readonly kind: 'order'; readonly group: Group }
  /** `final` when no quorum can come about any more, whoever answers late. */
  | { readonly kind: 'fail'; readonly error: WireError; readonly final: boolean };

/**
 * The rule of agreement. A quorum of equal answers goes before consensus, after a grace in which the others who can be reached may
 * still answer and so become part of the evidence; with the same grace a job fails when no quorum is possible. Without enough
 * answers it fails when the time is over. Notes in the job when its outcome became clear.
 */
export function decide(
  job: Job,
  around: {
    /** Milliseconds of the steady clock. */
    readonly now: number;
    readonly reachable: ReadonlySet<number>;
    readonly limits: Pick<AuthorityLimits, 'graceMs' | 'answerTimeoutMs'>;
  },
): Decision {
  const { now, reachable, limits } = around;
  const standing = job.round.standing(reachable);
  if (standing.kind === 'open') {
    const { startedAt } = job;
    const isOver = startedAt !== undefined && now - startedAt >= limits.answerTimeoutMs;
    return isOver ? { kind: 'fail', error: noAnswer(job, limits.answerTimeoutMs), final: false } : WAIT;
  }
  job.decidedAt ??= now;
  if (!standing.complete && now - job.decidedAt < limits.graceMs) return WAIT;
  return standing.kind === 'agreed'
    ? { kind: 'order', group: standing.group }
    : { kind: 'fail', error: job.round.failure(), final: true };
}

const WAIT: Decision = { kind: 'wait' };

function noAnswer({ round: { answered, needed } }: Job, timeoutMs: number): WireError {
  return toWire(new AssayError('E_NO_ANSWER', { answered, needed, seconds: Math.ceil(timeoutMs / 1000) }));
}
