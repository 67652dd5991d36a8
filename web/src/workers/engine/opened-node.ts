import type { LogSource } from '@assay/core/net/sources.ts';
import { newestSize } from '@assay/core/node/newest-size.ts';
import { modeFor, type ModeChoice } from '@assay/core/node/node-mode.ts';
import { VerifiedNode, type NodeMode } from '@assay/core/node/verified-node.ts';
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
    mode: NodeMode,
  ) {
    this.access = access;
    this.stores = stores;
    this.#shared = shareStores(stores);
    const following = withEvidenceOf(this.#shared.source, () => access.mirrors);
    // What tabs share of a log that is not replayed is the anchor alone: each asks the mirrors for itself.
    this.#sources = mode === 'light' ? () => access.mirrors : () => [following];
    this.#open = () =>
      VerifiedNode.open({
        mode,
        trust: access.trust,
        stores: this.#shared,
        clock: platform.clock,
        verifySignature: platform.verifySignature,
        logSources: () => this.#sources(),
        finder: artifactFinder(() => access.mirrors, platform.peers),
        ...listeners,
      });
  }

  /** Opens the stores of the network and, unless the node is to be light, replays what they hold. */
  static async open(
    platform: EnginePlatform,
    access: NetworkAccess,
    listeners: NodeListeners,
    choice: ModeChoice,
  ): Promise<OpenedNode> {
    const { quota } = await platform.storage.estimate();
    const quotaBytes = (): number | undefined => quota && Math.floor(quota * QUOTA_SHARE);
    const stores = await openIdbStores(access.trust.networkId, { clock: platform.clock, quotaBytes });
    const { trust, mirrors } = access;
    // The page's own origin comes first; a mirror that does not answer must not hold up the start.
    const asked = { ...platform, trust, anchors: stores.anchors, sources: mirrors.slice(0, 1) };
    const mode = modeFor(choice, choice === 'automatic' ? await newestSize(asked) : undefined);
    const opened = new OpenedNode(platform, access, stores, listeners, mode);
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
    if (this.node.mode === 'full') await this.follow();
    this.#shared.startWriting();
    this.#sources = sources;
  }
}
