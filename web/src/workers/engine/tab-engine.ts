import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { withAbort } from '@assay/core/net/deadline.ts';
import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import { deleteStoreDatabase } from '@assay/stores/idb/database.ts';
import { NetworkAccess } from '@assay/stores/idb/network-access.ts';
import {
  deleteOriginDatabase,
  keepModeChoice,
  loadModeChoice,
  openOriginDatabase,
  type OriginDatabase,
} from '@assay/stores/idb/origin-database.ts';
import type { NodeStatus } from '../../lib/node/api.ts';
import type { EngineNews, LeaderProcedures } from '../../lib/node/engine-procedures.ts';
import type { Caller } from '../../lib/rpc/procedures.ts';
import { Fleet } from './fleet.ts';
import { FleetChannel } from './fleet-messages.ts';
import { Leader } from './leader.ts';
import { followerStatus } from './node-status.ts';
import { OpenedNode, type NodeListeners } from './opened-node.ts';
import type { EnginePlatform } from './platform.ts';
import { openRequester } from './requester.ts';
import { RequestOffice } from './request-office.ts';

/** Everything of an engine that is ready to answer. */
export interface RunningEngine {
  readonly opened: OpenedNode;
  readonly office: RequestOffice;
  /** Whoever leads the tabs, this one included. */
  readonly leader: Caller<LeaderProcedures>;
}

/** The engine of one tab: verifies by itself, and leads all tabs of the origin when it is its turn. */
export class TabEngine {
  readonly #platform: EnginePlatform;
  readonly #listeners = new Set<(news: EngineNews) => void>();
  readonly #running = Promise.withResolvers<RunningEngine>();
  readonly #asked = Promise.withResolvers<void>();
  readonly #fleetChannel: FleetChannel;
  #status: NodeStatus = { phase: 'starting', size: 0, target: 0, leader: false, peers: 0 };
  #database: OriginDatabase | undefined;
  #opened: OpenedNode | undefined;
  #fleet: Fleet | undefined;
  #leader: Leader | undefined;
  #leaderStatus: NodeStatus | undefined;
  #following: Promise<void> = Promise.resolve();
  /** Size that listeners were told of last. */
  #toldSize = 0;

  constructor(platform: EnginePlatform) {
    this.#platform = platform;
    this.#fleetChannel = new FleetChannel(platform.channel, platform.tabId);
    this.#running.promise.catch(() => undefined);
  }

  /** Opens what is stored and joins the other tabs. What goes wrong is in the status. */
  async start(): Promise<void> {
    try {
      this.#running.resolve(await this.#open());
    } catch (cause) {
      this.#running.reject(this.#stop(cause));
    }
  }

  /** Resolves when the stores are open and replayed; rejects when that cannot be. */
  get running(): Promise<RunningEngine> {
    return this.#running.promise;
  }

  /** Whether this tab leads the others. */
  get leading(): boolean {
    return this.#fleet?.leading === true;
  }

  /** Resolves when the network was asked for the first time, well or not. Rejects with `E_ABORTED`. */
  async asked(signal: AbortSignal): Promise<void> {
    await withAbort(signal, this.#asked.promise);
  }

  /** Tells the newest status at once, and then everything new. Gives the function that ends it. */
  watch(listener: (news: EngineNews) => void): () => void {
    this.#listeners.add(listener);
    listener({ kind: 'status', status: this.#status });
    return () => this.#listeners.delete(listener);
  }

  /** Whether the nodes of this origin replay the log; they start over with the new choice, in all tabs. */
  async modeChoice(): Promise<ModeChoice> {
    await this.#running.promise;
    return this.#database === undefined ? 'automatic' : await loadModeChoice(this.#database);
  }

  async chooseMode(choice: ModeChoice): Promise<void> {
    await this.#running.promise;
    if (this.#database !== undefined) await keepModeChoice(this.#database, choice);
    this.#fleet?.announceReset();
    this.#letGo();
  }

  /** Deletes everything that this origin has stored, in all tabs, which then start over. */
  async reset(): Promise<void> {
    this.#fleet?.announceReset();
    this.#letGo();
    const networkId = this.#opened?.access.trust.networkId;
    if (networkId !== undefined) await deleteStoreDatabase(networkId);
    await deleteOriginDatabase();
  }

  async #open(): Promise<RunningEngine> {
    const platform = this.#platform;
    const database = await openOriginDatabase();
    this.#database = database;
    const { origin, http, clock, crypto } = platform;
    const access = await NetworkAccess.openPatiently(
      { origin, http, database },
      { clock, onWaiting: (error) => this.#setStatus({ ...this.#status, phase: 'offline', error }) },
    );
    const listeners: NodeListeners = {
      onSyncProgress: (progress) => this.#leader?.onSyncProgress(progress),
      onHeld: (root, held) => this.#onHeld(root, held),
    };
    const opened = await OpenedNode.open(platform, access, listeners, await loadModeChoice(database));
    this.#opened = opened;
    this.#setStatus(followerStatus(opened.node, undefined));
    const office = new RequestOffice({
      database,
      networkId: access.trust.networkId,
      clock,
      requester: () => openRequester(database, crypto),
      clients: () => access.mirrors,
      onInLog: () => this.#leader?.nudge(),
    });
    const fleet = new Fleet({
      channel: this.#fleetChannel,
      locks: platform.locks,
      lead: () => this.#lead(opened, office),
      onLeaderStatus: (status) => this.#follow(opened, status),
      onReset: () => this.#restart(),
    });
    this.#fleet = fleet;
    void fleet.join();
    return { opened, office, leader: fleet };
  }

  async #lead(opened: OpenedNode, office: RequestOffice): ReturnType<Leader['start']> {
    await this.#following;
    this.#leader = new Leader({
      platform: this.#platform,
      opened,
      office,
      onStatus: (status) => {
        this.#setStatus(status);
        this.#fleet?.publish(status);
      },
    });
    try {
      return await this.#leader.start();
    } catch (cause) {
      this.#stop(cause);
      throw cause;
    }
  }

  /** The leader has something new: it is taken in from the stores and checked here, one after the other. */
  #follow(opened: OpenedNode, status: NodeStatus): void {
    this.#leaderStatus = status;
    this.#following = this.#following
      .then(async () => {
        if (this.#leader !== undefined) return;
        const { node } = opened;
        const isBehind =
          status.size > node.state.size || (status.freshAsOf ?? 0) > (node.state.checkpoint?.freshAsOf ?? 0);
        if (status.conflict && !node.state.anchor?.conflict) await opened.reopen();
        else if (isBehind && status.phase !== 'syncing') await opened.follow();
        this.#setStatus(followerStatus(opened.node, this.#leaderStatus));
      })
      .catch(() => undefined);
  }

  #onHeld(root: Uint8Array, held: boolean): void {
    if (this.#leader !== undefined) this.#leader.onHeld(root, held);
    else if (!held) void this.#fleet?.call('removed', root).catch(() => undefined);
  }

  #setStatus(status: NodeStatus): void {
    this.#status = status;
    if (status.phase !== 'starting') this.#asked.resolve();
    const grown = status.phase !== 'syncing' && status.size > this.#toldSize;
    if (grown) this.#toldSize = status.size;
    for (const listener of this.#listeners) {
      listener({ kind: 'status', status });
      if (grown) listener({ kind: 'growth', size: status.size });
    }
  }

  #stop(cause: unknown): AssayError {
    const error = isAssayError(cause) ? cause : new AssayError('E_STORE', { reason: String(cause) }, cause);
    this.#setStatus({ ...this.#status, phase: 'stopped', error });
    return error;
  }

  #restart(): void {
    this.#letGo();
    for (const listener of this.#listeners) listener({ kind: 'restart' });
  }

  /** Closes the databases, so that they can be deleted. */
  #letGo(): void {
    this.#fleetChannel.close();
    this.#opened?.stores.close();
    this.#database?.close();
  }
}
