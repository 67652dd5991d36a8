import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import type { HttpPorts } from '@assay/core/net/http-chunks.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import { modeFor } from '@assay/core/node/node-mode.ts';
import { VerifiedNode, type NodeMode } from '@assay/core/node/verified-node.ts';
import { createNpmFiles } from '@assay/core/registry/npm-files.ts';
import { createNpmRegistry } from '@assay/core/registry/npm.ts';
import { OpenPackages } from '@assay/core/registry/open-packages.ts';
import type { RegistryHandler } from '@assay/core/registry/types.ts';
import { NetworkAccess } from '@assay/stores/idb/network-access.ts';
import { openIdbStores, type IdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import { loadModeChoice, openOriginDatabase } from '@assay/stores/idb/origin-database.ts';
import {
  shareStores,
  withEvidenceOf,
  WRITER_LOCK,
  type SharedStores,
} from '@assay/stores/idb/shared-stores.ts';
import type { Pages } from './ask-pages.ts';
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

interface Opened {
  readonly mirrors: readonly LogSource[];
  readonly stores: IdbStores;
  readonly shared: SharedStores;
  readonly node: VerifiedNode;
  /** Whom the node asks for the log: the shared one, or for a moment the mirrors. */
  readonly sources: { now: readonly LogSource[] };
}

/**
 * The service worker's node. It shares log, packs and anchor with the pages of its origin in IndexedDB, follows the log that
 * they write, and replays and checks all of it by itself. It holds nothing that a restart would miss.
 */
export class WorkerNode {
  /** What answers under `/registry/` and `/npm/`. */
  readonly handlers: readonly RegistryHandler[];
  readonly #options: WorkerNodeOptions;
  readonly #opened: Opened;
  #refreshedAt = -Infinity;

  private constructor(options: WorkerNodeOptions, opened: Opened) {
    this.#options = options;
    this.#opened = opened;
    const packages = workerPackages(opened.node, {
      pages: options.pages,
      clock: options.http.clock,
      refresh: (signal) => this.#refresh(signal),
    });
    const open = new OpenPackages(packages);
    this.handlers = [createNpmRegistry(packages, open), createNpmFiles(packages, open)];
  }

  /** Opens what the pages of this origin have stored, and replays the log. Rejects when no network is known or to be found. */
  static async open(options: WorkerNodeOptions): Promise<WorkerNode> {
    const { origin, http, verifySignature } = options;
    const database = await openOriginDatabase();
    const [{ trust, mirrors }, choice] = await Promise.all([
      NetworkAccess.open({ origin, http, database }),
      loadModeChoice(database),
    ]).finally(() => database.close());
    const stores = await openIdbStores(trust.networkId, { clock: http.clock });
    const shared = shareStores(stores);
    const mode = modeFor(choice, (await stores.anchors.load())?.size);
    // A light node asks the mirrors itself: of a log that is not replayed, the pages share the anchor alone.
    const following = withEvidenceOf(shared.source, () => mirrors);
    const sources: Opened['sources'] = { now: mode === 'light' ? mirrors : [following] };
    const node = await VerifiedNode.open({
      mode,
      trust,
      stores: shared,
      clock: http.clock,
      verifySignature,
      logSources: () => sources.now,
      finder: {
        async find(_root, onSource) {
          for (const mirror of mirrors) onSource(mirror);
        },
      },
    });
    return new WorkerNode(options, { mirrors, stores, shared, node, sources });
  }

  /**
   * Takes over what the writer of the log has stored since. False when this node is to be opened anew, because two
   * checkpoints were found to contradict each other. Rejects with `E_STORE…` when the stores are gone.
   */
  async follow(): Promise<boolean> {
    const { stores, node } = this.#opened;
    const stored = await stores.anchors.load();
    const { anchor, size } = node.state;
    if (stored === undefined) return true;
    if ((await modeNow(stored.size)) !== node.mode) return false;
    if (stored.conflict !== undefined && anchor?.conflict === undefined) return false;
    const isCurrent = size === stored.size && equalBytes(anchor?.checkpoint ?? NONE, stored.checkpoint);
    if (!isCurrent) await node.sync();
    return true;
  }

  /** Lets go of the database. */
  close(): void {
    this.#opened.stores.close();
  }

  async #refresh(signal?: AbortSignal): Promise<void> {
    const { clock } = this.#options.http;
    try {
      await this.follow();
      await this.#syncAlone(signal);
      const until = clock.elapsed() + FIRST_SYNC_MS;
      while (this.#isComing && clock.elapsed() < until) {
        await clock.sleep(LOOK_MS, signal);
        throwIfAborted(signal);
        await this.follow();
      }
    } catch {
      // What is known stands; answers say on which view of the log they rest.
    }
  }

  /** Whether the log is still to come: not yet whole, and not given up for a contradiction. */
  get #isComing(): boolean {
    const { provesAbsence, state } = this.#opened.node;
    return !provesAbsence && state.anchor?.conflict === undefined;
  }

  /** Syncs the shared log from the mirrors, unless a tab leads, which does that by itself. */
  async #syncAlone(signal?: AbortSignal): Promise<void> {
    const { locks, http } = this.#options;
    if (http.clock.elapsed() - this.#refreshedAt < REFRESH_MS) return;
    const deadline = AbortSignal.timeout(SYNC_MS);
    const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    await locks.request(WRITER_LOCK, { ifAvailable: true }, async (lock) => {
      if (lock === null) return;
      this.#refreshedAt = http.clock.elapsed();
      await this.#syncFromMirrors(stop);
    });
  }

  async #syncFromMirrors(signal: AbortSignal): Promise<void> {
    const { shared, sources, mirrors, node } = this.#opened;
    const following = sources.now;
    shared.startWriting();
    sources.now = mirrors;
    try {
      await node.sync(signal);
    } finally {
      sources.now = following;
      shared.stopWriting();
    }
  }
}

/** The mode that a node opened now would have. */
async function modeNow(size: number): Promise<NodeMode> {
  const database = await openOriginDatabase();
  const choice = await loadModeChoice(database).finally(() => database.close());
  return modeFor(choice, size);
}

const NONE = new Uint8Array();
