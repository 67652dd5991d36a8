import type { Clock } from '@assay/core/clock.ts';
import { equalBytes, fromUtf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { fetchBody, type HttpPorts } from '@assay/core/net/http-chunks.ts';
import { createHttpMirror, type HttpMirror } from '@assay/core/net/http-mirror.ts';
import {
  MAX_NETWORK_DESCRIPTION_BYTES,
  parseNetworkDescription,
  type NetworkDescription,
} from '@assay/core/net/network-description.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { loadPinnedNetwork, pinNetwork, type OriginDatabase, type PinnedNetwork } from './origin-database.ts';

/** Longest wait for the head of an answer and for each piece of it. */
export const HTTP_TIMEOUT_MS = 15_000;

export interface NetworkAccessOptions {
  /** The origin of the page, which is that of a relay. */
  readonly origin: string;
  readonly http: HttpPorts;
  readonly database: OriginDatabase;
}

/** The network this origin belongs to: pinned at first sight, its mirrors and relays as last described. */
export class NetworkAccess {
  readonly trust: NetworkTrust;
  readonly #options: NetworkAccessOptions;
  #description: NetworkDescription;
  #mirrors: readonly HttpMirror[];

  private constructor(options: NetworkAccessOptions, trust: NetworkTrust, description: NetworkDescription) {
    this.#options = options;
    this.trust = trust;
    this.#description = description;
    this.#mirrors = mirrorsOf(options, description);
  }

  /**
   * What was pinned earlier, or else what the origin describes now, which is pinned. Rejects when there is neither.
   */
  static async open(options: NetworkAccessOptions): Promise<NetworkAccess> {
    const pinned = (await loadPinnedNetwork(options.database)) ?? (await pinFirstSeen(options));
    const trust = unwrap(trustFromGenesis(pinned.genesis));
    const read = parseNetworkDescription(pinned.description);
    const unknown = { trust, relays: [], mirrors: [], authorities: [] };
    return new NetworkAccess(options, trust, read.ok ? read.value : unknown);
  }

  /** As `open`, trying again and again and telling `onWaiting` why. */
  static async openPatiently(
    options: NetworkAccessOptions,
    ports: { readonly clock: Clock; readonly onWaiting: (error: AssayError) => void },
  ): Promise<NetworkAccess> {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, MAX_RETRY_MS)) {
      try {
        return await NetworkAccess.open(options);
      } catch (error) {
        ports.onWaiting(error instanceof AssayError ? error : new AssayError('E_UNREACHABLE', {}, error));
        await ports.clock.sleep(wait);
      }
    }
  }

  get description(): NetworkDescription {
    return this.#description;
  }

  /** Everyone who can be asked over HTTP, the page's own origin first. */
  get mirrors(): readonly HttpMirror[] {
    return this.#mirrors;
  }

  /**
   * Asks the origin for the newest description. Throws `E_GENESIS_CHANGED` when it now belongs to another network, in which case
   * nothing of what it says is used.
   */
  async refresh(): Promise<void> {
    const { origin, database } = this.#options;
    const json = await askDescription(this.#options);
    const description = unwrap(parseNetworkDescription(json));
    if (!equalBytes(description.trust.networkId, this.trust.networkId)) {
      throw new AssayError('E_GENESIS_CHANGED', {
        relay: origin,
        pinned: toHex(this.trust.networkId),
        found: toHex(description.trust.networkId),
      });
    }
    await pinNetwork(database, { genesis: this.trust.genesisBytes, description: json });
    this.#description = description;
    this.#mirrors = mirrorsOf(this.#options, description);
  }
}

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

async function pinFirstSeen(options: NetworkAccessOptions): Promise<PinnedNetwork> {
  const description = await askDescription(options);
  const { trust } = unwrap(parseNetworkDescription(description));
  return await pinNetwork(options.database, { genesis: trust.genesisBytes, description });
}

async function askDescription({ origin, http }: NetworkAccessOptions): Promise<string> {
  const body = await fetchBody(
    http,
    `${origin}/network.json`,
    { cache: 'no-store' },
    MAX_NETWORK_DESCRIPTION_BYTES,
    ({ status }) => {
      if (status !== 200) throw new AssayError('E_HTTP_STATUS', { status });
    },
  );
  return unwrap(fromUtf8(body));
}

function mirrorsOf({ origin, http }: NetworkAccessOptions, { mirrors }: NetworkDescription): HttpMirror[] {
  const urls = new Set([origin, ...mirrors.map((url) => url.replace(/\/$/, ''))]);
  return [...urls].map((baseUrl) => createHttpMirror({ baseUrl, ...http }));
}
