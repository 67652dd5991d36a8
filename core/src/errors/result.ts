import { AssayError } from './assay-error.ts';
import type { Particulars } from './message-fields.ts';
import type { ErrorCode } from './messages.ts';

/** The outcome of something that may fail for reasons outside the program: a value, or a coded error. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AssayError };

/** A success. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** A failure with the given code, the fields its message names, and what caused it. */
export function fail<Code extends ErrorCode>(
  code: Code,
  ...[fields, cause]: Particulars<Code>
): Result<never> {
  return { ok: false, error: new AssayError(code, fields, cause) };
}

/** The value of a success; throws the `AssayError` of a failure. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw result.error;
}
