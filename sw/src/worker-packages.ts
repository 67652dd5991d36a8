import type { Clock } from '@assay/core/clock.ts';
import { SharedJobs } from '@assay/core/node/shared-jobs.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { nodePackages } from '@assay/core/registry/node-packages.ts';
import type { VerifiedPackages } from '@assay/core/registry/types.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { fetchThroughPage, type Pages } from './ask-pages.ts';

export interface WorkerPackagesPorts {
  readonly pages: Pages;
  readonly clock: Clock;
  /** Brings the node's log up to date if that can be done soon; never rejects. */
  readonly refresh: (signal?: AbortSignal) => Promise<void>;
}

/**
 * The packages of the worker's node. What is not held is fetched by an open page, which reaches more peers, and else by the
 * worker from the mirrors. Either way it is the worker's own node that judges the bytes before they are handed out.
 */
export function workerPackages(node: VerifiedNode, ports: WorkerPackagesPorts): VerifiedPackages {
  const packages = nodePackages(node, () => ports.clock.now());
  const fetching = new SharedJobs<never, Verification>();

  const obtain = async (purl: string, signal: AbortSignal): Promise<Verification> => {
    const artifact = (await node.find(purl, signal))?.record.artifacts[0]?.name;
    if (artifact !== undefined && (await fetchThroughPage({ purl, artifact }, ports, signal))) {
      const stored = await node.readVerified(purl, artifact);
      if (stored.ok) return stored.value.verification;
    }
    return await packages.ensure(purl, signal);
  };

  return {
    ...packages,
    ensure: (purl, signal) =>
      fetching.join(purl, (_news, stop) => obtain(purl, stop), { ...(signal && { signal }) }),
    refresh: ports.refresh,
  };
}
