import type { Clock } from '@assay/core/clock.ts';

/** Asked at least this often, in case a hint was missed. */
const POLL_MS = 30_000;
/** After a failure: this long at first, twice as long after each further one, up to the usual interval. */
const FIRST_RETRY_MS = 1_000;

/** Runs one attempt after the other, soon after a hint and now and then without one. */
export class SyncLoop {
  readonly #attempt: () => Promise<boolean>;
  readonly #clock: Clock;
  #running: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #timer = new AbortController();
  #stopped = false;

  /** `attempt` never rejects; it says whether it went well. */
  constructor(attempt: () => Promise<boolean>, clock: Clock) {
    this.#attempt = attempt;
    this.#clock = clock;
  }

  /** Something may be new: an attempt begins now, or as soon as the one under way has ended. */
  nudge(): void {
    if (this.#running !== undefined) this.#again = true;
    else void this.#run();
  }

  /** Makes an attempt that begins after this call; resolves when it has ended. */
  async now(): Promise<void> {
    if (this.#running !== undefined) this.#again = true;
    await this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer.abort();
  }

  #run(): Promise<void> {
    this.#running ??= this.#attempts().finally(() => {
      this.#running = undefined;
      this.#wait();
    });
    return this.#running;
  }

  async #attempts(): Promise<void> {
    this.#timer.abort();
    do {
      this.#again = false;
      this.#failures = (await this.#attempt()) ? 0 : this.#failures + 1;
    } while (this.#again && !this.#stopped);
  }

  #wait(): void {
    if (this.#stopped) return;
    const timer = new AbortController();
    this.#timer = timer;
    const ms = this.#failures === 0 ? POLL_MS : Math.min(POLL_MS, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
    void this.#clock.sleep(ms, timer.signal).then(() => {
      if (!timer.signal.aborted) void this.#run();
    });
  }
}
