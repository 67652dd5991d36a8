import type { VerifiedNode } from '../node/verified-node.ts';
import type { VerifiedPackages } from './types.ts';

/** A log that was synced within this many seconds is not asked for again before a negative answer. */
const REFRESH_SECONDS = 10;

/** What a node holds, as the registry handlers see it. `now` gives unix seconds. */
export function nodePackages(node: VerifiedNode, now: () => number): VerifiedPackages {
  const artifactOf = (purl: string): string => node.catalogue.byPurl(purl)?.record.artifacts[0]?.name ?? '';
  return {
    versions: (name) => node.catalogue.versions(name),
    version: (purl) => node.catalogue.byPurl(purl),
    read: (purl) => node.readVerified(purl, artifactOf(purl)),
    ensure: (purl, signal) => node.fetch(purl, artifactOf(purl), signal === undefined ? {} : { signal }),
    async refresh(signal) {
      if (now() - (node.state.syncedAt ?? -Infinity) >= REFRESH_SECONDS) await node.sync(signal);
    },
    provesAbsence: () => node.isWhole,
    freshness: () => node.state.checkpoint,
  };
}
