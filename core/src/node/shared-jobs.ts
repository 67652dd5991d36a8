import { throwIfAborted, withAbort } from '../net/deadline.ts';

interface Job<P, T> {
  readonly controller: AbortController;
  readonly listeners: Set<(progress: P) => void>;
  readonly outcome: Promise<T>;
  /** The newest progress, for those who join late. */
  last?: P;
  waiting: number;
}

/** Runs one job per key, however many ask for it; it is stopped when nobody waits for it any more. */
export class SharedJobs<P, T> {
  readonly #jobs = new Map<string, Job<P, T>>();
  /** Jobs that were told to stop and have not ended. */
  readonly #stopping = new Map<string, Promise<unknown>>();

  /** Joins the running job of this key, or starts it. The signal only ends this caller's wait, with `E_ABORTED`. */
  async join(
    key: string,
    run: (onProgress: (progress: P) => void, signal: AbortSignal) => Promise<T>,
    options: { onProgress?: (progress: P) => void; signal?: AbortSignal },
  ): Promise<T> {
    const { onProgress, signal } = options;
    throwIfAborted(signal);
    const job = this.#jobs.get(key) ?? this.#start(key, run);
    const listener = (progress: P): void => onProgress?.(progress);
    job.listeners.add(listener);
    if (job.last !== undefined) listener(job.last);
    job.waiting++;
    try {
      return await withAbort(signal, job.outcome);
    } finally {
      job.listeners.delete(listener);
      job.waiting--;
      if (job.waiting === 0) this.#stop(key, job);
    }
  }

  #start(
    key: string,
    run: (onProgress: (progress: P) => void, signal: AbortSignal) => Promise<T>,
  ): Job<P, T> {
    const controller = new AbortController();
    const listeners = new Set<(progress: P) => void>();
    const tell = (progress: P): void => {
      job.last = progress;
      for (const listener of listeners) listener(progress);
    };
    const before = this.#stopping.get(key) ?? Promise.resolve();
    const outcome = before.then(() => run(tell, controller.signal)).finally(() => this.#forget(key, job));
    outcome.catch(() => undefined);
    const job: Job<P, T> = { controller, listeners, outcome, waiting: 0 };
    this.#jobs.set(key, job);
    return job;
  }

  #stop(key: string, job: Job<P, T>): void {
    this.#forget(key, job);
    job.controller.abort();
    const ended = job.outcome.then(
      () => undefined,
      () => undefined,
    );
    this.#stopping.set(key, ended);
    void ended.then(() => {
      if (this.#stopping.get(key) === ended) this.#stopping.delete(key);
    });
  }

  #forget(key: string, job: Job<P, T>): void {
    if (this.#jobs.get(key) === job) this.#jobs.delete(key);
  }
}
