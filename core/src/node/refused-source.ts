import { AssayError, isAssayError, type ErrorFields } from '../errors/assay-error.ts';
import type { LogSource } from '../net/sources.ts';
import type { RungId } from '../verify/types.ts';

/** A source whose checkpoint or entries could not be used in a sync. */
export interface RefusedSource {
  /** Id of the source. */
  readonly source: string;
  readonly error: AssayError;
  /** The rung of the evidence ladder that fails, where it got that far. */
  readonly rung?: RungId;
  /** The checkpoint it sent. */
  readonly note?: Uint8Array;
}

const MAX_REASONS_LENGTH = 400;

/** A refusal with the rung that its error belongs to. */
export function refusedSource(source: string, error: AssayError, note?: Uint8Array): RefusedSource {
  const rung = rungOf(error.code);
  return { source, error, ...(rung && { rung }), ...(note && { note }) };
}

/** The error of a sync for which no source was usable. Its cause is an AggregateError with every reason. */
export function allRefused(refused: readonly RefusedSource[]): AssayError {
  const reasons = refused.map(({ source, error }) => `${source}: ${error.message.replace(/\.$/, '')}`);
  const fields: ErrorFields = {
    count: refused.length,
    reasons: reasons.join('; ').slice(0, MAX_REASONS_LENGTH),
  };
  return new AssayError('E_SYNC_REFUSED', fields, new AggregateError(refused.map(({ error }) => error)));
}

/** Errors that are about this node, not about a source. */
const OWN_ERROR = /^E_(?:FORK|STORE)/;

/** Throws a source's error on. It may be any coded one, but must not pass for this node's. */
export function notOurs(cause: unknown): never {
  const error = asAssayError(cause);
  throw OWN_ERROR.test(error.code)
    ? new AssayError('E_PROTOCOL', { reason: 'an error that is not its own' })
    : error;
}

/** Notes why a source could not be used; a fork and a store that fails are nobody's answer. */
export function refuseOrThrow(
  { id }: LogSource,
  cause: unknown,
  refused: RefusedSource[],
  note?: Uint8Array,
): RefusedSource {
  const error = asAssayError(cause);
  if (OWN_ERROR.test(error.code)) throw error;
  const one = refusedSource(id, error, note);
  if (!refused.some(({ source }) => source === id)) refused.push(one);
  return one;
}

/** What a source failed with: a coded error, or that the stream broke. */
export function asAssayError(cause: unknown): AssayError {
  return isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause);
}

function rungOf(code: string): RungId | undefined {
  if (/^E_(?:QUORUM|NOTE|CHECKPOINT|COSIGNATURE|LOG_SIGNATURE)/.test(code)) return 'quorum';
  if (/^E_(?:STALE_SOURCE|REPLAY_ROOT|CONSISTENCY|FORK)$/.test(code)) return 'history';
  if (/^E_(?:BATCH|RECORD|DUPLICATE_VERSION|AGREEMENT)/.test(code)) return 'record';
  return undefined;
}

/** Both lists in one; of a source that is in both, what the first one says. */
export function joinRefused(
  refused: readonly RefusedSource[],
  others: readonly RefusedSource[],
): readonly RefusedSource[] {
  return [...refused, ...others.filter(({ source }) => !refused.some((one) => one.source === source))];
}
