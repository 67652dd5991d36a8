import { decodeWith } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor } from '@assay/core/encoding/cbor.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { proposalToCbor, readProposal } from '@assay/core/records/proposal.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
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

/** A job that was under way when the last run ended, with this authority's own answer, which is never given twice. */
export function restoreJob(
  store: IntakeStore,
  stored: StoredJob,
  { trust, me }: { readonly trust: NetworkTrust; readonly me: number },
): Job | undefined {
  const { purl, attempt, opened, envelope, proposal } = stored;
  const request = store.request(stored.request);
  if (request === undefined) return undefined;
  const names = trust.current.authorities.map(({ name }) => name);
  const job = new Job({ purl, attempt, opened, request, names });
  for (const id of store.requestsOf(purl, attempt)) job.requests.add(id);
  if (envelope === undefined) return job;
  const proposed = proposal && unwrap(decodeWith(proposal, readProposal));
  job.adopt(readOwnAnswer(envelope, trust, me), proposed);
  return job;
}
