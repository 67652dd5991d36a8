import type { WireError } from './wire-error.ts';

/** The way of a request: each state is later than the one before it, except that any may end in `failed`. */
export const requestStates = ['queued', 'fetching', 'agreeing', 'ordering', 'in-log', 'failed'] as const;
export type RequestState = (typeof requestStates)[number];

/** What one authority has done about a request, as far as the answering authority knows. */
export const authorityStates = ['waiting', 'fetching', 'attested', 'failed'] as const;
export interface AuthorityProgress {
  readonly name: string;
  readonly state: (typeof authorityStates)[number];
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

/** True when a request will not change any more. */
export function isSettled(progress: RequestProgress): boolean {
  return progress.state === 'in-log' || progress.state === 'failed';
}
