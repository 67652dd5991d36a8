import type { AssayError } from '../errors/assay-error.ts';
import { MAX_REFERENCES_PER_REQUEST } from '../protocols.ts';

/** Mirrors are asked for ranges of a pack, peers for single blocks. */
export type SourceKind = 'mirror' | 'peer';

/** One question to one source. */
export interface Assignment {
  readonly id: number;
  readonly source: string;
  readonly kind: SourceKind;
  /** Blocks asked for and not arrived from anyone yet, in rising order; for a mirror without gaps when it begins. */
  readonly indexes: Set<number>;
  readonly startedAt: number;
  /** When the last block came, or the question began. */
  lastAt: number;
  received: number;
}

/** What the scheduler keeps of a source. */
export interface SourceState {
  readonly id: string;
  readonly kind: SourceKind;
  blocks: number;
  /** Bytes per second of its last assignments; undefined before the first. */
  rate?: number;
  /** Failures in a row. */
  failures: number;
  notBefore: number;
  lastError?: AssayError;
  /** Set once; the source is not asked again in this fetch. */
  dropped?: AssayError;
}

/** An assignment should keep its source busy for about this long: long enough to be efficient, short enough to adapt. */
const TARGET_MS = 1000;
/** First questions, before anything is known of a source. */
const FIRST_BLOCKS = { mirror: 32, peer: 4 } as const;
/** 16 MiB of 32 KiB blocks at once from a mirror; one request from a peer. */
const MAX_BLOCKS = { mirror: 512, peer: MAX_REFERENCES_PER_REQUEST } as const;
/** Silence after which an answer is given up. The first block may wait for a connection to be made. */
const STALL_MS = { first: 10_000, later: 6_000 } as const;
/** When nothing else is left to ask for, an open answer this silent or this far from its end is asked of a second source too. */
const SLOW_MS = { silence: 250, left: 500 } as const;
/** Failures in a row after which a source is given up, and the wait before each new attempt. */
const MAX_FAILURES = 3;
/** A mirror that is itself still fetching is worth a quarter of a minute. */
const MAX_COMING = 6;
const BACKOFF_MS = 500;

/** Number of blocks to ask a source for. */
export function assignmentSize({ kind, rate }: SourceState, blockSize: number): number {
  if (rate === undefined) return FIRST_BLOCKS[kind];
  const blocks = Math.ceil((rate * TARGET_MS) / 1000 / blockSize);
  return Math.max(1, Math.min(blocks, MAX_BLOCKS[kind]));
}

/** Longest silence that is borne. */
export function stallLimit({ received }: Assignment): number {
  return received === 0 ? STALL_MS.first : STALL_MS.later;
}

/** Estimated ms until the rest of an assignment is there, by its own pace; Infinity before its first block. */
export function timeLeft({ startedAt, received, indexes }: Assignment, now: number): number {
  return received === 0 ? Infinity : ((now - startedAt) / received) * indexes.size;
}

/** Whether it is worth asking a second source for the rest of an assignment. */
export function isSlow(open: Assignment, now: number): boolean {
  if (open.indexes.size === 0) return false;
  return now - open.lastAt >= SLOW_MS.silence || (open.received > 0 && timeLeft(open, now) >= SLOW_MS.left);
}

/** Whether a source is not to be asked again in this fetch: it lied, has nothing, or fails time after time. */
export function isHopeless(error: AssayError, failuresInARow: number): boolean {
  switch (error.code) {
    case 'E_SOURCE_BAD_BLOCK':
    case 'E_RESPONSE_TRUNCATED':
    case 'E_PROTOCOL':
    case 'E_NOT_FOUND':
    case 'E_FRAME_EMPTY':
    case 'E_FRAME_TOO_LARGE':
    case 'E_FRAME_FLOOD':
      return true;
    case 'E_PACK_COMING':
      return failuresInARow >= MAX_COMING;
    default:
      return failuresInARow >= MAX_FAILURES;
  }
}

/** When a source that failed may be asked again. */
export function nextAttemptAt(now: number, failuresInARow: number): number {
  return now + BACKOFF_MS * 2 ** (failuresInARow - 1);
}
