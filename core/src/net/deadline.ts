import type { Clock } from '../clock.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';

/** The error of work that was told to stop. */
export function abortError(signal?: AbortSignal): AssayError {
  return isAssayError(signal?.reason) ? signal.reason : new AssayError('E_ABORTED');
}

/** Rejects with `E_ABORTED` when the signal has fired. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true) throw abortError(signal);
}

/**
 * Runs `work` with a signal that fires when `parent` does or after `ms`. Settles at that moment even if the work does not
 * listen: with `E_ABORTED` or `E_TIMEOUT`.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(parent);
  const controller = new AbortController();
  const onParentAbort = (): void => controller.abort(abortError(parent));
  parent?.addEventListener('abort', onParentAbort, { once: true });
  const stopped = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(abortError(controller.signal)), { once: true });
  });
  const timer = new AbortController();
  void clock.sleep(ms, timer.signal).then(() => {
    if (!timer.signal.aborted)
      controller.abort(new AssayError('E_TIMEOUT', { seconds: Math.ceil(ms / 1000) }));
  });
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    timer.abort();
    parent?.removeEventListener('abort', onParentAbort);
    stopped.catch(() => undefined);
  }
}

/** Settles as `work` does, or rejects with `E_ABORTED` as soon as the signal fires; the work itself goes on. */
export async function withAbort<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  throwIfAborted(signal);
  if (signal === undefined) return await work;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(abortError(signal));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
