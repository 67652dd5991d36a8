import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Answer, Job, WorkerOptions } from './jobs.ts';

/** Longest time one job may take, in milliseconds; a worker that takes longer is taken to run for ever. */
const MOST_TIME = 600_000;

/** One worker thread that does jobs, one after the other. */
export class SimWorker {
  readonly #worker: Worker;
  #settle: ((how: Answer | Error) => void) | undefined;

  constructor(options: WorkerOptions = {}) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: options });
    this.#worker.on('message', (answer: Answer) => this.#settle?.(answer));
    this.#worker.on('error', (error) =>
      this.#settle?.(error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Does a job. Undefined when it did not come to an end; rejects when the worker failed. */
  do(job: Job, mostTime = MOST_TIME): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), mostTime);
      this.#settle = (how) => {
        clearTimeout(timer);
        if (how instanceof Error) reject(how);
        else resolve(how);
      };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows have target origins
      this.#worker.postMessage(job);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** As many workers as there are cores take what `next` gives until it gives nothing. */
export async function onAllCores<T>(
  next: () => T | undefined,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const one = async (): Promise<void> => {
    for (let item = next(); item !== undefined; item = next()) await work(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
}
