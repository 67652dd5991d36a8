import { isAssayError, type AssayError } from '@assay/core/errors/assay-error.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import type { NodeStatus } from '../../lib/node/api.ts';
import type { LeaderProcedures } from '../../lib/node/engine-procedures.ts';
import type { PeersNews } from '../../lib/node/peer-procedures.ts';
import type { Handlers } from '../../lib/rpc/procedures.ts';
import { mirrorViews } from './network-view.ts';
import { leaderStatus } from './node-status.ts';
import type { OpenedNode } from './opened-node.ts';
import { logPeers } from './peer-sources.ts';
import type { EnginePlatform } from './platform.ts';
import type { RequestOffice } from './request-office.ts';
import { SyncLoop } from './sync-loop.ts';

/** The network is described anew after this long: relays change their addresses. */
const DESCRIPTION_MS = 5 * 60_000;

export interface LeaderOptions {
  readonly platform: EnginePlatform;
  readonly opened: OpenedNode;
  readonly office: RequestOffice;
  readonly onStatus: (status: NodeStatus) => void;
}

/** What one tab does for all: keeps the log in sync, runs fetches and requests, and has the window run a libp2p node. */
export class Leader {
  readonly #options: LeaderOptions;
  readonly #loop: SyncLoop;
  #growing: { readonly have: number; readonly target: number } | undefined;
  #foreign: AssayError | undefined;
  #describedAt = -Infinity;
  #asked = false;
  #peers = 0;
  #logPeers: readonly LogSource[] = [];
  #peersRun: { readonly towards: string; readonly stop: AbortController } | undefined;

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#loop = new SyncLoop(() => this.#attempt(), options.platform.clock);
  }

  /** Takes over, and begins to sync. */
  async start(): Promise<Handlers<LeaderProcedures>> {
    const { platform, opened } = this.#options;
    await opened.lead(() => (this.#foreign ? [] : [...opened.access.mirrors, ...this.#logPeers]));
    this.#tell();
    const nudge = (): void => this.#loop.nudge();
    platform.onConnectivity(nudge);
    platform.openEvents(`${platform.origin}/events`, {
      onOpen: nudge,
      onLost: nudge,
      onEvent: (data) => {
        if (this.#isNews(data)) nudge();
      },
    });
    nudge();
    this.#runPeers();
    return this.#handlers();
  }

  /** The node tells how far a growing log has come. */
  onSyncProgress(progress: { readonly have: number; readonly target: number }): void {
    // A log that is complete at once, as after each new record, is not worth a flicker.
    if (progress.have === progress.target) return;
    this.#growing = progress;
    this.#tell();
  }

  /** A pack came or went. */
  onHeld(root: Uint8Array, held: boolean): void {
    void this.#options.platform.peers.call(held ? 'announce' : 'withdraw', [root]).catch(() => undefined);
  }

  /** Something may be new. */
  nudge(): void {
    this.#loop.nudge();
  }

  async #attempt(): Promise<boolean> {
    await this.#describe();
    const { ok } = await this.#options.opened.node.sync();
    this.#growing = undefined;
    this.#asked = true;
    if (!ok) this.#describedAt = -Infinity;
    this.#tell();
    this.#runPeers();
    return ok;
  }

  /** Asks the origin which network it belongs to and how that is reached now. */
  async #describe(): Promise<void> {
    const { platform, opened } = this.#options;
    const now = platform.clock.elapsed();
    if (now - this.#describedAt < DESCRIPTION_MS) return;
    try {
      await opened.access.refresh();
      this.#foreign = undefined;
      this.#describedAt = now;
    } catch (error) {
      if (isAssayError(error) && error.code === 'E_GENESIS_CHANGED') this.#foreign = error;
    }
  }

  #tell(): void {
    const { opened, onStatus } = this.#options;
    onStatus(
      leaderStatus(opened.node, {
        peers: this.#peers,
        asked: this.#asked,
        ...(this.#growing && { growing: this.#growing }),
        ...(this.#foreign && { foreign: this.#foreign }),
      }),
    );
  }

  #isNews(data: string): boolean {
    try {
      const { size, freshAsOf } = JSON.parse(data) as { size?: unknown; freshAsOf?: unknown };
      return this.#isNewer({ size: Number(size), freshAsOf: Number(freshAsOf) });
    } catch {
      return false;
    }
  }

  /**
   * Has the window run a libp2p node towards the relays as they are described now: started when there is none, and made anew when
   * the relays have other addresses than before.
   */
  #runPeers(): void {
    const { platform, opened } = this.#options;
    const { description, trust } = opened.access;
    const { relays, authorities } = description;
    const towards = JSON.stringify(relays);
    if (this.#foreign !== undefined || this.#peersRun?.towards === towards) return;
    this.#peersRun?.stop.abort();
    const run = { towards, stop: new AbortController() };
    this.#peersRun = run;
    const config = {
      networkId: trust.networkId,
      relays,
      authorities: authorities.map(({ peerId }) => peerId),
    };
    void platform.peers
      .call('run', config, { onNews: (news) => this.#onPeers(news), signal: run.stop.signal })
      .catch(() => {
        if (this.#peersRun !== run) return;
        this.#peersRun = undefined;
        this.#onPeers({ kind: 'peers', count: 0 });
      });
  }

  #onPeers(news: PeersNews): void {
    switch (news.kind) {
      case 'peers':
        this.#peers = news.count;
        void this.#askLogPeers();
        this.#tell();
        return;
      case 'checkpoint':
        void this.#hearGossip(news.note);
        return;
      case 'reachable':
        void this.#announceAll();
        return;
      default:
        news satisfies never;
    }
  }

  /** Follows only what a quorum has signed: gossip costs nothing, a sync does. */
  async #hearGossip(note: Uint8Array): Promise<void> {
    const { platform, opened } = this.#options;
    const checked = await verifyNetworkCheckpoint(note, opened.node.trust, platform.verifySignature);
    if (checked.ok && this.#isNewer(checked.value)) this.#loop.nudge();
  }

  #isNewer(checkpoint: { readonly size: number; readonly freshAsOf: number }): boolean {
    const { size, checkpoint: known } = this.#options.opened.node.state;
    return checkpoint.size > size || checkpoint.freshAsOf > (known?.freshAsOf ?? 0);
  }

  async #askLogPeers(): Promise<void> {
    const before = this.#logPeers.length;
    this.#logPeers = await logPeers(this.#options.platform.peers).catch(() => []);
    if (before === 0 && this.#logPeers.length > 0 && this.#options.opened.node.state.error)
      this.#loop.nudge();
  }

  async #announceAll(): Promise<void> {
    const { platform, opened } = this.#options;
    const held = (await opened.node.storage()).filter(({ complete }) => complete);
    if (held.length === 0) return;
    await platform.peers
      .call(
        'announce',
        held.map(({ root }) => root),
      )
      .catch(() => undefined);
  }

  #handlers(): Handlers<LeaderProcedures> {
    const { platform, opened, office } = this.#options;
    return {
      fetch: ({ purl, artifact }, { news, signal }) =>
        opened.node.fetch(purl, artifact, { onProgress: (progress) => news(progress), signal }),
      verify: ({ purl, artifact }, { signal }) => opened.node.verify(purl, artifact, signal),
      request: (purl, context) => office.request(purl, context),
      network: async () => {
        const { access, node } = opened;
        const view = await platform.peers.call('view', null).catch(() => ({ addresses: [], peers: [] }));
        const { peers, ...self } = view;
        return {
          self: { ...self, leader: true },
          peers,
          mirrors: mirrorViews(access.mirrors, node.state),
        };
      },
      syncNow: async () => {
        await this.#loop.now();
        return null;
      },
      removed: async (root) => {
        this.onHeld(root, false);
        return null;
      },
    };
  }
}
