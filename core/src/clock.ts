/** Time as the core sees it: always given, so that tests and simulations own it. */
export interface Clock {
  /** Unix time in seconds. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. `sleep(0)` lets other tasks run. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The parts of a browser's or Node's global object that tell time. */
export interface TimePlatform {
  readonly Date: { now(): number };
  readonly performance: { now(): number };
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: never): void;
  /** Prioritized Task Scheduling API, where the platform has it: its tasks wait for their turn only, timers in browsers 4 ms and more. */
  readonly scheduler?: { postTask(callback: () => void): Promise<unknown> } | undefined;
}

/** The clock of a platform: `createClock(globalThis)`. */
export function createClock(platform: TimePlatform): Clock {
  return {
    now: () => Math.floor(platform.Date.now() / 1000),
    elapsed: () => platform.performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return void resolve();
        if (ms === 0 && platform.scheduler !== undefined) return void platform.scheduler.postTask(resolve);
        const wake = (): void => {
          platform.clearTimeout(timer as never);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = platform.setTimeout(wake, ms);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}
