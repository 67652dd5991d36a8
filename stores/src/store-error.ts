import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';

/** The AssayError for something the platform threw: `E_STORE` with the platform's own words, unless it is one already. */
export function storeError(cause: unknown): AssayError {
  if (isAssayError(cause)) return cause;
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new AssayError('E_STORE', { reason: reason.slice(0, MAX_REASON_CHARACTERS) }, cause);
}

/** Runs work on the platform; whatever it throws becomes an AssayError. */
export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storeError(cause);
  }
}

/** Enough for a system error with a path in it. */
const MAX_REASON_CHARACTERS = 300;
