import type { Clock } from '@assay/core/clock.ts';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import type { HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { LogSource, SourceFinder } from '@assay/core/net/sources.ts';
import { LogSync } from '@assay/core/node/log-sync.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { createNpmFiles } from '@assay/core/registry/npm-files.ts';
import { createNpmRegistry } from '@assay/core/registry/npm.ts';
import { OpenPackages } from '@assay/core/registry/open-packages.ts';
import type { RegistryHandler } from '@assay/core/registry/types.ts';
import { openIdbStores, type IdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import { shareStores, WRITER_LOCK } from '@assay/stores/idb/shared-stores.ts';
import type { Pages } from './ask-pages.ts';
import { openNetwork, type KnownNetwork } from './network.ts';
import { workerPackages } from './worker-packages.ts';

export interface WorkerNodeOptions {
  readonly origin: string;
  readonly http: HttpPorts;
  readonly verifySignature: VerifyEd25519Async;
  readonly pages: Pages;
  readonly locks: Pick<LockManager, 'request'>;
}

/** A log that this worker has asked the mirrors for is not asked for again within this time. */
const REFRESH_MS = 10_000;
/** Longest the worker itself syncs, so that a tab that is opened meanwhile soon gets the lock. */
const SYNC_MS = 10_000;
/** How long a request waits for a page that is syncing the log for the first time, and how often it looks. */
const FIRST_SYNC_MS = 5_000;
const LOOK_MS = 200;

/**
 * The service worker's node. It shares log, packs and anchor with the pages of its origin in IndexedDB, follows the log that
 * they write, and replays and checks all of it by itself. It holds nothing that a restart would miss.
 */
export class WorkerNode {
  /** What answers under `/registry/` and `/npm/`. */
  readonly handlers: readonly RegistryHandler[];
  readonly #options: WorkerNodeOptions;
  readonly #network: KnownNetwork;
  readonly #stores: IdbStores;
  readonly #node: VerifiedNode;
  #refreshedAt = -Infinity;

  private constructor(
    options: WorkerNodeOptions,
    network: KnownNetwork,
    stores: IdbStores,
    node: VerifiedNode,
  ) {
    this.#options = options;
    this.#network = network;
    this.#stores = stores;
    this.#node = node;
    const { pages } = options;
    const packages = workerPackages(node, {
      pages,
      clock: this.#clock,
      refresh: (signal) => this.#refresh(signal),
    });
    const open = new OpenPackages(packages);
    this.handlers = [createNpmRegistry(packages, open), createNpmFiles(packages, open)];
  }

  /** Opens what the pages of this origin have stored, and replays the log. */
  static async open(options: WorkerNodeOptions): Promise<WorkerNode> {
    const { origin, http, verifySignature } = options;
    const network = await openNetwork(origin, http);
    const stores = await openIdbStores(network.trust.networkId, { clock: http.clock });
    const shared = shareStores(stores);
    const sources = [shared.source, ...network.mirrors.map(evidenceSource)];
    const node = await VerifiedNode.open({
      trust: network.trust,
      stores: shared,
      clock: http.clock,
      verifySignature,
      logSources: () => sources,
      finder: mirrorFinder(network),
    });
    return new WorkerNode(options, network, stores, node);
  }

  /**
   * Takes over what the writer of the log has stored since. False when this node is to be opened anew, because two
   * checkpoints were found to contradict each other. Rejects with `E_STORE…` when the stores are gone.
   */
  async follow(): Promise<boolean> {
    const stored = await this.#stores.anchors.load();
    const { anchor, size } = this.#node.state;
    if (stored === undefined) return true;
    if (stored.conflict !== undefined && anchor?.conflict === undefined) return false;
    const isCurrent = size === stored.size && equalBytes(anchor?.checkpoint ?? NONE, stored.checkpoint);
    if (!isCurrent) await this.#node.sync();
    return true;
  }

  /** Lets go of the database. */
  close(): void {
    this.#stores.close();
  }

  get #clock(): Clock {
    return this.#options.http.clock;
  }

  async #refresh(signal?: AbortSignal): Promise<void> {
    try {
      await this.#syncAlone(signal);
      await this.follow();
      const until = this.#clock.elapsed() + FIRST_SYNC_MS;
      while (!this.#node.isWhole && this.#clock.elapsed() < until) {
        await this.#clock.sleep(LOOK_MS, signal);
        throwIfAborted(signal);
        await this.follow();
      }
    } catch {
      // What is known stands; answers say on which view of the log they rest.
    }
  }

  /** Syncs the shared log from the mirrors, unless a tab leads, which does that by itself. */
  async #syncAlone(signal?: AbortSignal): Promise<void> {
    if (this.#clock.elapsed() - this.#refreshedAt < REFRESH_MS) return;
    const { locks, http, verifySignature } = this.#options;
    const { trust, mirrors } = this.#network;
    await locks.request(WRITER_LOCK, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      const stores = this.#stores;
      const sources = (): readonly LogSource[] => mirrors;
      const sync = await LogSync.open({ trust, stores, sources, verifySignature, clock: http.clock });
      const deadline = AbortSignal.timeout(SYNC_MS);
      await sync.sync(signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
      this.#refreshedAt = this.#clock.elapsed();
    });
  }
}

const NONE = new Uint8Array();

/** A mirror that is asked for attestations only: the log itself comes from whoever writes the shared one. */
function evidenceSource({ id, read }: LogSource): LogSource {
  const checkpoint = (): Promise<never> =>
    Promise.reject(new AssayError('E_NOT_FOUND', { what: 'checkpoint' }));
  return { id, read, checkpoint };
}

function mirrorFinder({ mirrors }: KnownNetwork): SourceFinder {
  return {
    find(_root, onSource) {
      for (const mirror of mirrors) onSource(mirror);
      return Promise.resolve();
    },
  };
}
