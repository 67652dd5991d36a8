import type { LogSource } from '@assay/core/net/sources.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { NetworkAccess } from '@assay/stores/idb/network-access.ts';
import { openIdbStores, type IdbStores } from '@assay/stores/idb/open-idb-stores.ts';
import { shareStores, withEvidenceOf, type SharedStores } from '@assay/stores/idb/shared-stores.ts';
import { artifactFinder } from './peer-sources.ts';
import type { EnginePlatform } from './platform.ts';

/** Share of what the browser grants that packs may take; the log and the app need room too. */
const QUOTA_SHARE = 0.8;

export interface NodeListeners {
  readonly onSyncProgress: (progress: { readonly have: number; readonly target: number }) => void;
  readonly onHeld: (root: Uint8Array, held: boolean) => void;
}

/** The verified node of this tab over the stores that all tabs share. Follows the shared log until it is told to lead. */
export class OpenedNode {
  readonly access: NetworkAccess;
  readonly stores: IdbStores;
  readonly #shared: SharedStores;
  readonly #open: () => Promise<VerifiedNode>;
  #node: VerifiedNode | undefined;
  #sources: () => readonly LogSource[];

  private constructor(
    platform: EnginePlatform,
    access: NetworkAccess,
    stores: IdbStores,
    listeners: NodeListeners,
  ) {
    this.access = access;
    this.stores = stores;
    this.#shared = shareStores(stores);
    this.#sources = () => [withEvidenceOf(this.#shared.source, () => access.mirrors)];
    this.#open = () =>
      VerifiedNode.open({
        trust: access.trust,
        stores: this.#shared,
        clock: platform.clock,
        verifySignature: platform.verifySignature,
        logSources: () => this.#sources(),
        finder: artifactFinder(() => access.mirrors, platform.peers),
        ...listeners,
      });
  }

  /** Opens the stores of the network and replays what they hold. */
  static async open(
    platform: EnginePlatform,
    access: NetworkAccess,
    listeners: NodeListeners,
  ): Promise<OpenedNode> {
    const { quota } = await platform.storage.estimate();
    const quotaBytes = (): number | undefined => quota && Math.floor(quota * QUOTA_SHARE);
    const stores = await openIdbStores(access.trust.networkId, { clock: platform.clock, quotaBytes });
    const opened = new OpenedNode(platform, access, stores, listeners);
    opened.#node = await opened.#open();
    return opened;
  }

  get node(): VerifiedNode {
    if (this.#node === undefined) throw new TypeError('the node is opened before it is given out');
    return this.#node;
  }

  /** Takes in what the leader has stored since, checking all of it anew. */
  async follow(): Promise<void> {
    if ((await this.stores.anchors.load()) !== undefined) await this.node.sync();
  }

  /** Reads everything again from the stores, when the leader has kept something that a follower does not look at. */
  async reopen(): Promise<void> {
    this.#node = await this.#open();
  }

  /** From now on syncs from these sources and writes the shared log. */
  async lead(sources: () => readonly LogSource[]): Promise<void> {
    await this.follow();
    this.#shared.startWriting();
    this.#sources = sources;
  }
}
