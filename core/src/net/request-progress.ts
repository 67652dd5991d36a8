import { arrayOf, int, literal, optional, shape, text, type Reader } from '../encoding/cbor-shape.ts';
import type { CborMap, CborValue } from '../encoding/cbor.ts';
import { fromWire, toWire, type WireError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { MAX_AUTHORITIES } from '../records/limits.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';

/** The way of a request: each state is later than the one before it, except that any may end in `failed`. */
export type RequestState = 'queued' | 'fetching' | 'agreeing' | 'ordering' | 'in-log' | 'failed';

/** What one authority has done about a request, as far as the answering authority knows. */
export interface AuthorityProgress {
  readonly name: string;
  readonly state: 'waiting' | 'fetching' | 'attested' | 'failed';
  /** Hex digest of the proposal that the authority attested. */
  readonly digest?: string;
  readonly error?: WireError;
}

/**
 * Progress of a request as it goes over the wire: plain data, the same in CBOR frames, JSON and SSE.
 * Information from one authority or relay, never part of a verdict.
 */
export interface RequestProgress {
  /** Hex; what `follow` takes. */
  readonly id: string;
  /** With the version that was resolved, once it is known. */
  readonly purl: string;
  readonly state: RequestState;
  readonly authorities: readonly AuthorityProgress[];
  /** Equal attestations needed (the quorum). */
  readonly needed: number;
  /** Size of the largest group of equal attestations so far. */
  readonly agreed: number;
  /** Log index of the record, in state `in-log`. */
  readonly index?: number;
  /** Why it failed, in state `failed`. */
  readonly error?: WireError;
}

const hex = text({ maxBytes: 64, pattern: /^(?:[0-9a-f]{2})+$/ });

/** Reads a coded error; codes and fields that are not known become `E_UNKNOWN`. */
const readWireError: Reader<WireError> = (value) => ok(toWire(fromWire(value)));

const readAuthority = shape({
  name: text({ maxBytes: 128 }),
  state: literal('waiting', 'fetching', 'attested', 'failed'),
  digest: optional(hex),
  error: optional(readWireError),
});

/** Reads progress out of decoded CBOR. */
export const readRequestProgress: Reader<RequestProgress> = shape({
  id: hex,
  purl: text({ maxBytes: MAX_PURL_LENGTH }),
  state: literal('queued', 'fetching', 'agreeing', 'ordering', 'in-log', 'failed'),
  authorities: arrayOf(readAuthority, { max: MAX_AUTHORITIES }),
  needed: int({ min: 0 }),
  agreed: int({ min: 0 }),
  index: optional(int({ min: 0 })),
  error: optional(readWireError),
});

/** Reads progress out of JSON text, as HTTP mirrors send it. Total. */
export function requestProgressFromJson(json: string): Result<RequestProgress> {
  try {
    return readRequestProgress(JSON.parse(json) as CborValue, '$');
  } catch (cause) {
    return fail('E_PROTOCOL', { reason: 'progress is not JSON' }, cause);
  }
}

/** Progress as a CBOR map; `JSON.stringify(progress)` is its JSON form. */
export function requestProgressToCbor(progress: RequestProgress): CborMap {
  const { authorities, error, ...rest } = progress;
  return {
    ...rest,
    authorities: authorities.map(withErrorMap),
    ...(error && { error: wireErrorToCbor(error) }),
  };
}

/** A coded error as a CBOR map. */
export function wireErrorToCbor({ code, fields }: WireError): CborMap {
  return { code, fields: { ...fields } };
}

function withErrorMap({ error, ...rest }: AuthorityProgress): CborMap {
  return { ...rest, ...(error && { error: wireErrorToCbor(error) }) };
}

/** True when a request will not change any more. */
export function isSettled(progress: RequestProgress): boolean {
  return progress.state === 'in-log' || progress.state === 'failed';
}
