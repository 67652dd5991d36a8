import { signEd25519Node, verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { CHECKPOINT_PATH, type LogStore } from '@assay/core/log/log-store.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import type { AuthoritySet } from '@assay/core/records/authority-set.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { FsLogStore } from '@assay/stores/fs/fs-log-store.ts';
import { join } from 'node:path';
import { LogQueue } from '../log-writer/log-queue.ts';
import { LogWriter, type Published } from '../log-writer/log-writer.ts';
import { batchOf, firstBatch, headsBackwards, storedBatch } from './batches.ts';
import { subjectOf } from './checked-transaction.ts';
import type {
  Consensus,
  ConsensusOptions,
  ConsensusStatus,
  ConsensusTiming,
  FinalBatch,
  Logger,
} from './consensus.ts';
import { Driver } from './driver.ts';
import type { FinalBlock } from './events.ts';
import { contextOf, type Era, type Network } from './era.ts';
import { History } from './history.ts';
import { findPackage } from './ledger.ts';
import { Listeners } from './listeners.ts';
import { genesisHead, networkContext } from './network-context.ts';
import { LookupKeeper } from './lookup-keeper.ts';
import { openStore } from './open-store.ts';
import { hasRoom } from './rules/pending.ts';
import { restore } from './rules/replay.ts';
import { genesisState, type State } from './state.ts';
import { statusOf } from './status.ts';
import { EpochNews } from './epoch-news.ts';
import type { ConsensusStore } from './store.ts';
import { epochContextOf } from './transaction-checker.ts';

const DEFAULT_TIMING: ConsensusTiming = { delta: 500, heartbeat: 3_600_000, idleTick: 30_000 };
const SILENT: Logger = { info: () => undefined, warn: () => undefined };

/** What exists only while an authority runs. */
interface Running {
  readonly store: ConsensusStore;
  readonly driver: Driver;
  readonly writer: LogWriter;
  readonly queue: LogQueue;
  readonly heartbeat: NodeJS.Timeout;
}

/** One authority's consensus over a real database, real files and a given transport. Nothing happens before `start`. */
export function createConsensus(options: ConsensusOptions): Consensus {
  return new AuthorityConsensus(options);
}

class AuthorityConsensus implements Consensus {
  readonly logStore: LogStore;
  readonly #options: ConsensusOptions;
  readonly #timing: ConsensusTiming;
  readonly #logger: Logger;
  readonly #network: Network;
  readonly #genesis: State;
  readonly #finals = new Listeners<FinalBatch>();
  readonly #checkpoints = new Listeners<Uint8Array>();
  readonly #epochs: EpochNews;
  readonly #history = new History();
  readonly #lookups: LookupKeeper;
  #running: Running | undefined;

  constructor(options: ConsensusOptions) {
    const { trust, name, keyRing, dataDir } = options;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#logger = options.logger ?? SILENT;
    this.#network = networkContext(trust, { name, keyRing, delta: this.#timing.delta });
    this.#genesis = genesisState(this.#network, {
      entries: genesisBatch(trust),
      time: trust.genesis.created,
    });
    this.#epochs = new EpochNews(trust, this.#genesis.era);
    this.logStore = new FsLogStore(join(dataDir, 'log'));
    this.#lookups = new LookupKeeper(this.logStore);
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const { name, keyRing, dataDir, transport } = this.#options;
    const now = this.#options.now();
    const { store, recovered } = await openStore(dataDir, {
      identity: `${this.#network.chain} ${name}`,
      heldVoteKeys: keyRing.voteKeys().map(toHex),
      now,
    });
    const state = restore(this.#network, this.#genesis, recovered, now);
    this.#epochs.restore(state.era, recovered.handoffs);
    this.#history.load(store, state.final.height);
    const writer = await this.#openWriter(store, state);
    const queue = new LogQueue(writer, {
      onDurable: (head) => driver.post({ kind: 'log-durable', head }),
      onPublished: (note) => {
        this.#checkpoints.tell(note);
        void this.#lookups.take(note, driver.state.final.ledger);
      },
      onFailure: (error) =>
        driver.post({ kind: 'storage-failed', reason: `its log cannot be written: ${String(error)}` }),
    });
    const driver = new Driver(
      {
        network: this.#network,
        store,
        transport,
        logger: this.#logger,
        now: () => this.#options.now(),
        random: Math.random,
        idleTick: this.#timing.idleTick,
        onFinal: (finals) => this.#takeFinals(finals, driver.state.era, queue),
        onPublish: (checkpoint) => queue.publish(checkpoint),
      },
      state,
    );
    const heartbeat = setInterval(() => driver.post({ kind: 'heartbeat' }), this.#timing.heartbeat);
    this.#running = { store, driver, writer, queue, heartbeat };
    transport.onMessage((from, bytes) => driver.receive(from, bytes));
    transport.onConnect?.((peer) => driver.post({ kind: 'connected', peer }));
    this.#queueBacklog(this.#running);
    const note = await this.logStore.read(CHECKPOINT_PATH);
    if (note !== undefined) await this.#lookups.take(note, state.final.ledger);
    driver.start();
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    clearInterval(running.heartbeat);
    running.driver.stop();
    await running.queue.stop();
    running.store.close();
  }

  submit(transaction: Uint8Array): Result<void> {
    const running = this.#running;
    if (running === undefined) return fail('E_CONSENSUS_STATE', { reason: 'consensus is not running' });
    const { state } = running.driver;
    const checked = this.#network.checkTransaction(transaction, state.era);
    if (!checked.ok) return checked;
    if (checked.value.kind === 'artifact-add') {
      const { purl } = checked.value;
      const index = findPackage(state.final.ledger, purl);
      if (index !== undefined) return fail('E_ALREADY_IN_LOG', { purl, index });
    }
    if (!state.pending.has(subjectOf(checked.value)) && !hasRoom(state, transaction.length)) {
      return fail('E_TOO_MANY_PENDING', { pending: state.pending.size });
    }
    running.driver.post({ kind: 'transaction', bytes: transaction });
    return ok(undefined);
  }

  find(purl: string): number | undefined {
    const ledger = this.#running?.driver.state.final.ledger;
    return ledger === undefined ? undefined : findPackage(ledger, purl);
  }

  onFinal(listener: (final: FinalBatch) => void): () => void {
    return this.#finals.add(listener);
  }

  onEpoch(listener: (set: AuthoritySet, trust: NetworkTrust) => void): () => void {
    return this.#epochs.add(listener);
  }

  get trust(): NetworkTrust {
    return this.#epochs.trust;
  }

  get set(): AuthoritySet {
    return this.#era.set;
  }

  get epochContext(): EpochContext {
    const { trust } = this.#options;
    return epochContextOf({ trust, genesis: genesisHead(trust) }, this.#era);
  }

  get #era(): Era {
    return (this.#running?.driver.state ?? this.#genesis).era;
  }

  get lookups(): LookupView | undefined {
    return this.#lookups.view;
  }

  onCheckpoint(listener: (note: Uint8Array) => void): () => void {
    return this.#checkpoints.add(listener);
  }

  status(): ConsensusStatus {
    const running = this.#running;
    const state = running?.driver.state ?? this.#genesis;
    return statusOf(contextOf(this.#network, state.era), state, {
      history: this.#history,
      now: this.#options.now(),
      connected: this.#options.transport.connected?.(),
      size: running?.writer.size ?? 0,
      checkpoint: running?.writer.published,
    });
  }

  async #openWriter(store: ConsensusStore, state: State): Promise<LogWriter> {
    const { name, keyRing } = this.#options;
    const { origin } = this.#network;
    const published = await this.#readPublished(state.era);
    const publisher = {
      origin,
      name,
      setOf: (epoch: number) => (this.#running?.driver.state ?? state).era.sets[epoch - 1],
      signLog: (publicKey: Uint8Array, message: Uint8Array) => {
        const seed = keyRing.logSeed(publicKey);
        return seed === undefined ? undefined : signEd25519Node(message, seed);
      },
    };
    const heads = headsBackwards(store, state.final.height, this.#genesis);
    const found = { heads, ...(published === undefined ? {} : { published }) };
    return LogWriter.open(this.logStore, publisher, found);
  }

  /** What a checkpoint that is there already says; one that does not hold counts as none. */
  async #readPublished({ sets, set }: Era): Promise<Published | undefined> {
    const note = await this.logStore.read(CHECKPOINT_PATH);
    if (note === undefined) return undefined;
    const verify = (...args: Parameters<typeof verifyEd25519Node>) =>
      Promise.resolve(verifyEd25519Node(...args));
    const verified = await verifyNetworkCheckpoint(
      note,
      { ...this.#options.trust, sets, current: set },
      verify,
    );
    if (!verified.ok) return undefined;
    const { size, freshAsOf } = verified.value;
    return { size, freshAsOf };
  }

  /** Queues what is final but not in the files yet, and says what already is in them. */
  #queueBacklog({ store, driver, writer, queue }: Running): void {
    const { final } = driver.state;
    if (writer.size === 0) queue.append(() => firstBatch(this.#options.trust, this.#genesis));
    if (writer.size === final.ledger.size) driver.post({ kind: 'log-durable', head: final.ledger });
    let first = final.height + 1;
    while (first > 1 && (store.finalBlock(first - 1)?.block.header.post.size ?? 0) > writer.size) first -= 1;
    for (let height = first; height <= final.height; height++) {
      if ((store.finalBlock(height)?.block.header.txCount ?? 0) === 0) continue;
      queue.append(() => this.#storedBatch(store, height));
    }
  }

  #storedBatch(store: ConsensusStore, height: number) {
    const stored = store.finalBlock(height);
    if (stored === undefined)
      throw new AssayError('E_CONSENSUS_STATE', { reason: `block ${height} is missing` });
    return storedBatch(stored, this.#network, this.#running?.driver.state.era ?? this.#genesis.era);
  }

  #takeFinals(finals: readonly FinalBlock[], era: Era, queue: LogQueue): void {
    for (const final of finals) {
      const { height, firstIndex, entries } = batchOf(final, era);
      this.#epochs.take(final, era);
      if (entries.length === 0) continue;
      this.#history.add(final);
      queue.append(() => batchOf(final, era));
      this.#finals.tell({ height, entries: entries.map((bytes, at) => ({ index: firstIndex + at, bytes })) });
    }
  }
}
