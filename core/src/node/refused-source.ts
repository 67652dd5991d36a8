import { AssayError, type ErrorFields } from '../errors/assay-error.ts';
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

function rungOf(code: string): RungId | undefined {
  if (/^E_(?:QUORUM|NOTE|CHECKPOINT|COSIGNATURE|LOG_SIGNATURE)/.test(code)) return 'quorum';
  if (/^E_(?:STALE_SOURCE|REPLAY_ROOT|CONSISTENCY|FORK)$/.test(code)) return 'history';
  if (/^E_(?:BATCH|RECORD|DUPLICATE_VERSION|AGREEMENT)/.test(code)) return 'record';
  return undefined;
}
