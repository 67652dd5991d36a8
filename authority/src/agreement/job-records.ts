import { decodeWith } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { proposalToCbor, readProposal } from '@assay/core/records/proposal.ts';
import type { Builder } from '../builds/own-answer.ts';
import type { Era } from '../era.ts';
import type { IntakeStore, StoredJob } from '../intake/intake-store.ts';
import { readOwnAnswer } from './answers.ts';
import { Job } from './job.ts';

/** Stores a job as it is now, and how it ended if it did. */
export function saveJob(
  store: IntakeStore,
  job: Job,
  end: Pick<StoredJob, 'settled' | 'progress'> = {},
): void {
  const { purl, attempt, opened, envelope, proposal, request } = job;
  store.saveJob({
    purl,
    attempt,
    opened,
    request: request.id,
    ...(envelope && { envelope }),
    ...(proposal && { proposal: encodeCbor(proposalToCbor(proposal)) }),
    ...end,
  });
}

/**
 * A job that was under way when the last run ended. This authority's own answer is not looked for twice, but signed anew where the
 * epoch it was given in is over.
 */
export function restoreJob(
  store: IntakeStore,
  stored: StoredJob,
  { era, builder }: { readonly era: Era; readonly builder: Pick<Builder, 'renew'> },
): Job | undefined {
  const { purl, attempt, opened, envelope, proposal } = stored;
  const request = store.request(stored.request);
  if (request === undefined) return undefined;
  const names = era.trust.current.authorities.map(({ name }) => name);
  const job = new Job({ purl, attempt, opened, request, names });
  for (const id of store.requestsOf(purl, attempt)) job.requests.add(id);
  if (envelope === undefined || era.me === undefined) return job;
  const proposed = proposal && unwrap(decodeWith(proposal, readProposal));
  job.adopt(readOwnAnswer(builder.renew(envelope), era), proposed);
  return job;
}
