import type { HttpMirror } from '@assay/core/net/http-mirror.ts';
import type { SyncState } from '@assay/core/node/log-sync.ts';
import type { NetworkView } from '../../lib/node/api.ts';

/** How each mirror did at the last sync. */
export function mirrorViews(mirrors: readonly HttpMirror[], state: SyncState): NetworkView['mirrors'] {
  return mirrors.map(({ id: url }) => {
    const refused = state.refused.find(({ source }) => source === url);
    if (refused !== undefined) {
      const { error, rung } = refused;
      return { url, state: 'failing', detail: error.message, ...(rung && { rung }) };
    }
    return { url, state: state.syncedAt === undefined ? 'unknown' : 'ok' };
  });
}
