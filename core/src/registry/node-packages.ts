import type { VerifiedNode } from '../node/verified-node.ts';
import type { VerifiedPackages } from './types.ts';

/** A log that was synced within this many seconds is not asked for again before a negative answer. */
const REFRESH_SECONDS = 10;

/** What a node holds, as the registry handlers see it. `now` gives unix seconds. */
export function nodePackages(node: VerifiedNode, now: () => number): VerifiedPackages {
  const artifactOf = async (purl: string, signal?: AbortSignal): Promise<string> =>
    (await node.find(purl, signal))?.record.artifacts[0]?.name ?? '';
  return {
    versions: (name) => node.versions(name),
    version: (purl) => node.find(purl),
    read: async (purl) => await node.readVerified(purl, await artifactOf(purl)),
    ensure: async (purl, signal) =>
      await node.fetch(purl, await artifactOf(purl, signal), signal === undefined ? {} : { signal }),
    async refresh(signal) {
      if (now() - (node.state.syncedAt ?? -Infinity) >= REFRESH_SECONDS) await node.sync(signal);
    },
    provesAbsence: () => node.provesAbsence,
    freshness: () => node.state.checkpoint,
  };
}
