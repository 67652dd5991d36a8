import { signEd25519Node, verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { CHECKPOINT_PATH, type LogStore } from '@assay/core/log/log-store.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import { FsLogStore } from '@assay/stores/fs/fs-log-store.ts';
import { join } from 'node:path';
import { LogQueue } from '../log-writer/log-queue.ts';
import { LogWriter, type Published } from '../log-writer/log-writer.ts';
import { batchOf, firstBatch, headsBackwards, storedBatch } from './batches.ts';
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
import { findPackage } from './ledger.ts';
import { Listeners } from './listeners.ts';
import { networkContext } from './network-context.ts';
import { openStore } from './open-store.ts';
import { hasRoom } from './rules/pending.ts';
import { restore } from './rules/replay.ts';
import { genesisState, type Context, type State } from './state.ts';
import { statusOf } from './status.ts';
import type { ConsensusStore } from './store.ts';

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
  readonly #context: Context;
  readonly #genesis: State;
  readonly #finals = new Listeners<FinalBatch>();
  readonly #checkpoints = new Listeners<Uint8Array>();
  #running: Running | undefined;

  constructor(options: ConsensusOptions) {
    const { trust, me, keys, dataDir } = options;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#logger = options.logger ?? SILENT;
    this.#context = networkContext(trust, me, keys, this.#timing.delta);
    this.#genesis = genesisState(this.#context, {
      entries: genesisBatch(trust),
      time: trust.genesis.created,
    });
    this.logStore = new FsLogStore(join(dataDir, 'log'));
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const { trust, me, dataDir, transport } = this.#options;
    const identity = `${toHex(trust.networkId)} ${toHex(this.#context.voteKeys[me] ?? new Uint8Array(0))}`;
    const { store, recovered } = await openStore(dataDir, identity, this.#options.now());
    const state = restore(this.#context, this.#genesis, recovered, this.#options.now());
    const writer = await this.#openWriter(store, state);
    const queue = new LogQueue(writer, {
      onDurable: (head) => driver.post({ kind: 'log-durable', head }),
      onPublished: (note) => this.#checkpoints.tell(note),
      onFailure: (error) =>
        driver.post({ kind: 'storage-failed', reason: `its log cannot be written: ${String(error)}` }),
    });
    const driver = new Driver(
      {
        context: this.#context,
        store,
        transport,
        logger: this.#logger,
        now: () => this.#options.now(),
        random: Math.random,
        idleTick: this.#timing.idleTick,
        onFinal: (finals) => this.#takeFinals(finals, queue),
        onPublish: (checkpoint) => queue.publish(checkpoint),
      },
      state,
    );
    const heartbeat = setInterval(() => driver.post({ kind: 'heartbeat' }), this.#timing.heartbeat);
    this.#running = { store, driver, writer, queue, heartbeat };
    transport.onMessage((from, bytes) => driver.receive(from, bytes));
    transport.onConnect?.((peer) => driver.post({ kind: 'connected', peer }));
    this.#queueBacklog(this.#running);
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
    const checked = this.#context.check(transaction);
    if (!checked.ok) return checked;
    const { state } = running.driver;
    const { purl } = checked.value;
    const index = findPackage(state.final.ledger, purl);
    if (index !== undefined) return fail('E_ALREADY_IN_LOG', { purl, index });
    if (!state.pending.has(purl) && !hasRoom(state, transaction.length)) {
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

  onCheckpoint(listener: (note: Uint8Array) => void): () => void {
    return this.#checkpoints.add(listener);
  }

  status(): ConsensusStatus {
    const running = this.#running;
    const state = running?.driver.state ?? this.#genesis;
    return statusOf(this.#context, state, {
      trust: this.#options.trust,
      now: this.#options.now(),
      connected: this.#options.transport.connected?.(),
      size: running?.writer.size ?? 0,
      checkpoint: running?.writer.published,
    });
  }

  async #openWriter(store: ConsensusStore, state: State): Promise<LogWriter> {
    const { trust, me, keys } = this.#options;
    const published = await this.#readPublished();
    const signLog = (message: Uint8Array) => signEd25519Node(message, keys.log);
    const heads = headsBackwards(store, state.final.height, this.#genesis);
    const found = { heads, ...(published === undefined ? {} : { published }) };
    return LogWriter.open(this.logStore, { trust, me, signLog }, found);
  }

  /** What a checkpoint that is there already says; one that does not hold counts as none. */
  async #readPublished(): Promise<Published | undefined> {
    const note = await this.logStore.read(CHECKPOINT_PATH);
    if (note === undefined) return undefined;
    const verify = (...args: Parameters<typeof verifyEd25519Node>) =>
      Promise.resolve(verifyEd25519Node(...args));
    const verified = await verifyNetworkCheckpoint(note, this.#options.trust, verify);
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
    return storedBatch(stored, this.#context);
  }

  #takeFinals(finals: readonly FinalBlock[], queue: LogQueue): void {
    for (const final of finals) {
      const { height, firstIndex, entries } = batchOf(final);
      if (entries.length === 0) continue;
      queue.append(() => batchOf(final));
      this.#finals.tell({ height, entries: entries.map((bytes, at) => ({ index: firstIndex + at, bytes })) });
    }
  }
}
