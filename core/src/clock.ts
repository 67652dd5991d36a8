/** Time as the core sees it: always given, so that tests and simulations own it. */
export interface Clock {
  /** Unix time in seconds. */
  now(): number;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. `sleep(0)` lets other tasks run. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
