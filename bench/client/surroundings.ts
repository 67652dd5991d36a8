import type { Clock } from '@assay/core/clock.ts';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { createHttpMirror, type HttpMirror } from '@assay/core/net/http-mirror.ts';
import type { NodeStores } from '@assay/core/node/stores.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';

/** Stores that begin empty and leave nothing behind. */
export interface PassingStores extends NodeStores {
  dispose(): Promise<void>;
}

/** What a client stands on: a tab's worker, or Node. */
export interface Surroundings {
  /** Of the bench server. */
  readonly url: string;
  readonly clock: Clock;
  readonly verifySignature: VerifyEd25519Async;
  /** Durable stores of this platform. */
  freshStores(): Promise<PassingStores>;
}

/** A client of the synthetic log over HTTP, as the app and the command line are. */
export class BenchClient {
  readonly #at: Surroundings;
  readonly trust: NetworkTrust;
  readonly mirror: HttpMirror;
  /** Paths of all log resources that were read. */
  readonly paths = new Set<string>();
  /** Arguments of all signature checks. */
  readonly signatures: Parameters<VerifyEd25519Async>[] = [];

  private constructor(at: Surroundings, trust: NetworkTrust) {
    this.#at = at;
    this.trust = trust;
    const mirror = createHttpMirror({
      baseUrl: at.url,
      fetch: (url, init) => fetch(url, init),
      clock: at.clock,
      timeoutMs: 30_000,
    });
    this.mirror = {
      ...mirror,
      read: (path, signal) => {
        this.paths.add(path);
        return mirror.read(path, signal);
      },
    };
  }

  static async create(at: Surroundings): Promise<BenchClient> {
    return new BenchClient(at, unwrap(trustFromGenesis(await getBytes(`${at.url}/genesis.cbor`))));
  }

  /** A node over these stores, opened and not synced. */
  open(stores: NodeStores): Promise<VerifiedNode> {
    const { clock, verifySignature } = this.#at;
    return VerifiedNode.open({
      trust: this.trust,
      stores,
      clock,
      verifySignature: (...signature) => {
        this.signatures.push(signature);
        return verifySignature(...signature);
      },
      logSources: () => [this.mirror],
      finder: { find: async (_root, onSource) => onSource(this.mirror) },
    });
  }
}

/** The whole body behind an address, by plain fetch. */
export async function getBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers with ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
