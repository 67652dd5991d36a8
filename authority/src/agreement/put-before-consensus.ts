import type { Clock } from '@assay/core/clock.ts';
import type { Consensus, Logger } from '../consensus/consensus.ts';
import { assembleTransaction } from './assemble.ts';
import type { Job } from './job.ts';
import type { Group } from './round.ts';

/** A transaction is handed to consensus again after this time, until it is final: a mempool promises nothing. */
const RESUBMIT_MS = 5_000;

/**
 * Puts what a quorum saw before consensus, and again after a while. Whoever saw something else cannot, and waits for the others
 * to do so. True when the job has come into this state just now.
 */
export function putBeforeConsensus(
  job: Job,
  group: Group,
  ports: {
    readonly consensus: Pick<Consensus, 'submit'>;
    readonly clock: Pick<Clock, 'elapsed'>;
    readonly logger: Pick<Logger, 'warn'>;
  },
): boolean {
  const isNew = !job.ordering;
  job.ordering = true;
  const now = ports.clock.elapsed();
  if (job.proposal === undefined || now - (job.submittedAt ?? -Infinity) < RESUBMIT_MS) return isNew;
  job.submittedAt = now;
  const transaction = assembleTransaction(job.proposal, group, job.round.dissent(group));
  const taken = transaction && ports.consensus.submit(transaction);
  if (taken?.ok === false) ports.logger.warn(`${job.purl}: ${taken.error.message}`);
  return isNew;
}
