import type { TreeHead } from '../consensus/cosignature.ts';
import type { Batch } from './batch.ts';
import type { LogWriter, ReadyCheckpoint } from './log-writer.ts';

/** Beyond this many waiting batches they are written together: partial tiles of every size are of use only near the tip. */
const MAX_SINGLE = 8;

/** Most batches in one write. */
const MAX_GROUP = 256;

/** Whom the queue tells. */
export interface LogQueueListener {
  onDurable(head: TreeHead): void;
  onPublished(note: Uint8Array): void;
  /** The log cannot be written; the queue does nothing more. */
  onFailure(error: unknown): void;
}

/** Writes batches and checkpoints one after the other, in the background. */
export class LogQueue {
  readonly #writer: LogWriter;
  readonly #listener: LogQueueListener;
  #batches: (() => Batch)[] = [];
  #checkpoint: ReadyCheckpoint | undefined;
  #work: Promise<void> | undefined;
  #isStopped = false;

  constructor(writer: LogWriter, listener: LogQueueListener) {
    this.#writer = writer;
    this.#listener = listener;
  }

  /** Adds the next batch. It is made when its turn comes, so that a long backlog does not stand in memory. */
  append(batch: () => Batch): void {
    this.#batches.push(batch);
    this.#start();
  }

  /** Publishes a checkpoint next, in place of one that still waits. */
  publish(checkpoint: ReadyCheckpoint): void {
    this.#checkpoint = checkpoint;
    this.#start();
  }

  /** Finishes the write at hand and starts no other. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#work;
  }

  #start(): void {
    if (this.#work !== undefined || this.#isStopped || !this.#hasWork()) return;
    this.#work = this.#run()
      .catch((error: unknown) => {
        this.#isStopped = true;
        this.#listener.onFailure(error);
      })
      .finally(() => {
        this.#work = undefined;
        // Something may have come after the last look and before this moment.
        this.#start();
      });
  }

  #hasWork(): boolean {
    return this.#batches.length > 0 || this.#checkpoint !== undefined;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped && this.#hasWork()) {
      await this.#publishWaiting();
      await this.#appendWaiting();
    }
  }

  async #publishWaiting(): Promise<void> {
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) return;
    this.#checkpoint = undefined;
    const note = await this.#writer.publish(checkpoint);
    if (note !== undefined) this.#listener.onPublished(note);
  }

  async #appendWaiting(): Promise<void> {
    const waiting = this.#batches.length;
    if (waiting === 0) return;
    const count = waiting <= MAX_SINGLE ? 1 : Math.min(MAX_GROUP, waiting - MAX_SINGLE);
    const batches = this.#batches.splice(0, count).map((make) => make());
    this.#listener.onDurable(await this.#writer.append(batches));
  }
}
