import { fromUtf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { fetchBody, type HttpPorts } from '@assay/core/net/http-chunks.ts';
import { createHttpMirror, type HttpMirror } from '@assay/core/net/http-mirror.ts';
import {
  MAX_NETWORK_DESCRIPTION_BYTES,
  parseNetworkDescription,
} from '@assay/core/net/network-description.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import {
  loadPinnedNetwork,
  openOriginDatabase,
  pinNetwork,
  type PinnedNetwork,
} from '@assay/stores/idb/origin-database.ts';

/** The network that this origin belongs to, and who mirrors it over HTTP: the origin first. */
export interface KnownNetwork {
  readonly trust: NetworkTrust;
  readonly mirrors: readonly HttpMirror[];
}

/** The pinned network of this origin. Where no page has pinned one yet, what the origin describes now is pinned. */
export async function openNetwork(origin: string, http: HttpPorts): Promise<KnownNetwork> {
  const database = await openOriginDatabase();
  try {
    const pinned =
      (await loadPinnedNetwork(database)) ?? (await pinNetwork(database, await askOrigin(origin, http)));
    const description = parseNetworkDescription(pinned.description);
    const named = description.ok ? description.value.mirrors : [];
    const urls = new Set([origin, ...named.map((url) => url.replace(/\/$/, ''))]);
    return {
      trust: unwrap(trustFromGenesis(pinned.genesis)),
      mirrors: [...urls].map((baseUrl) => createHttpMirror({ baseUrl, ...http })),
    };
  } finally {
    database.close();
  }
}

async function askOrigin(origin: string, http: HttpPorts): Promise<PinnedNetwork> {
  const body = await fetchBody(
    http,
    `${origin}/network.json`,
    { cache: 'no-store' },
    MAX_NETWORK_DESCRIPTION_BYTES,
    ({ status }) => {
      if (status !== 200) throw new AssayError('E_HTTP_STATUS', { status });
    },
  );
  const description = unwrap(fromUtf8(body));
  return { genesis: unwrap(parseNetworkDescription(description)).trust.genesisBytes, description };
}
