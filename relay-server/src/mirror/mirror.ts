import type { Clock } from '@assay/core/clock.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import type { VerifyEd25519Async } from '@assay/core/crypto/ed25519.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import type { SourceFinder } from '@assay/core/net/sources.ts';
import { VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { FsStores } from '@assay/stores/fs/open-fs-stores.ts';
import type { Log } from '../logger.ts';
import type { AuthorityLink } from '../network/authority-link.ts';
import { AuthorityWatch } from './authority-watch.ts';
import { BlockLocator } from './block-locator.ts';
import { PackMirror } from './pack-mirror.ts';
import { SyncLoop } from './sync-loop.ts';

export interface MirrorOptions {
  readonly trust: NetworkTrust;
  readonly stores: FsStores;
  readonly links: readonly AuthorityLink[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called with each newer checkpoint, after everything under it is stored; at the start with the one held. */
  readonly onCheckpoint: (checkpoint: VerifiedCheckpoint) => void;
}

/** Verifies on the machine's own OpenSSL, under the one rule. */
export const verifySignature: VerifyEd25519Async = (...signed) =>
  Promise.resolve(verifyEd25519Node(...signed));

/**
 * The relay's own full node: checks the log and every artifact as a tab does, and keeps them for others. Without any
 * authority it still has what it kept.
 */
export class Mirror {
  readonly node: VerifiedNode;
  readonly blocks: BlockLocator;
  readonly packs: PackMirror;
  readonly #options: MirrorOptions;
  readonly #loop: SyncLoop;
  readonly #watch: AuthorityWatch;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** Versions whose artifacts were handed to the pack mirror. */
  #mirrored = 0;

  private constructor(options: MirrorOptions, node: VerifiedNode, blocks: BlockLocator) {
    const { clock, links, log } = options;
    this.node = node;
    this.blocks = blocks;
    this.#options = options;
    this.packs = new PackMirror({
      node,
      clock,
      onFailure: (purl, reason) => log(`cannot mirror ${purl} now: ${reason}`),
    });
    this.#loop = new SyncLoop({
      node,
      clock,
      onCheckpoint: (checkpoint) => this.#onCheckpoint(checkpoint),
      onFailure: (error) => log(`sync failed: ${error.message}`),
    });
    this.#watch = new AuthorityWatch(links, clock, () => this.#loop.nudge());
  }

  /** Replays what is stored. */
  static async open(options: MirrorOptions): Promise<Mirror> {
    const { trust, stores, clock, links } = options;
    const blocks = new BlockLocator(stores.artifacts);
    const node = await VerifiedNode.open({
      trust,
      stores,
      clock,
      verifySignature,
      logSources: () => links.filter(({ reachable }) => reachable).map((link) => link.log),
      finder: blockSources(links),
      onHeld: (root, held) => void blocks.update(root, held),
      published: true,
    });
    return new Mirror(options, node, blocks);
  }

  /** Begins to follow the authorities. */
  start(): void {
    const { checkpoint } = this.node.state;
    if (checkpoint !== undefined) this.#onCheckpoint(checkpoint);
    const { signal } = this.#stop;
    this.#running = Promise.all([this.#loop.run(signal), this.#watch.run(signal)]);
  }

  /** Somebody has shown that there is something newer. */
  nudge(): void {
    this.#loop.nudge();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([this.#running, this.packs.stop()]);
  }

  #onCheckpoint(checkpoint: VerifiedCheckpoint): void {
    const { catalogue } = this.node;
    const fresh = catalogue.recent(catalogue.size - this.#mirrored).toReversed();
    this.#mirrored = catalogue.size;
    this.packs.add(fresh);
    this.#options.onCheckpoint(checkpoint);
  }
}

/** The authorities have what they put into the log. */
function blockSources(links: readonly AuthorityLink[]): SourceFinder {
  return {
    find(_root, onSource) {
      for (const link of links) if (link.reachable) onSource(link.blocks);
      return Promise.resolve();
    },
  };
}
