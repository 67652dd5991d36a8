import { AssayError } from '../errors/assay-error.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { ago } from '../verify/words.ts';
import type { CheckpointGroup } from './checkpoint-poll.ts';
import { compareHistory } from './history.ts';

/**
 * Seconds after which the authorities' old keys may have leaked, so that one source is not enough any more to show what came after
 * an anchor: 180 days.
 */
export const MAX_ANCHOR_AGE_SECONDS = 180 * 24 * 60 * 60;
/** Sources that have to show one and the same history before an old anchor is left. */
export const REANCHOR_SOURCES = 3;

/** That an anchor was too old to be followed by one source's word, and who agreed on what came after it. */
export interface Reanchoring {
  /** Unix seconds of the old anchor's newest reliable signature. */
  readonly lastSeen: number;
  /** Ids of the sources. */
  readonly sources: readonly string[];
}

/**
 * Insists, where the anchor is older than 180 days, on three sources whose checkpoints a quorum signed and which lie in one
 * history; undefined where it is younger, or where
 * another program of the same person has compared them. Rejects with `E_ANCHOR_AGED`.
 */
export async function insistOnAgreement(
  anchor: VerifiedCheckpoint | undefined,
  groups: readonly CheckpointGroup[],
  now: number,
  signal?: AbortSignal,
): Promise<Reanchoring | undefined> {
  if (anchor === undefined || !isAged(anchor, now)) return undefined;
  if (groups.some(({ sources }) => sources.some(({ own }) => own === true))) return undefined;
  const [newest, ...others] = groups;
  const [source] = newest?.sources ?? [];
  const agreeing = newest?.sources.map(({ id }) => id) ?? [];
  for (const { checkpoint, sources } of others) {
    if (newest === undefined || source === undefined) break;
    const { kind } = await compareHistory(source, checkpoint, newest.checkpoint, signal);
    if (kind === 'consistent') agreeing.push(...sources.map(({ id }) => id));
  }
  const sources = [...new Set(agreeing)];
  if (sources.length < REANCHOR_SOURCES) {
    throw agedError(anchor, now, sources.length);
  }
  return { lastSeen: anchor.freshAsOf, sources };
}

/** Insists that one source's word is enough to leave the anchor. Throws `E_ANCHOR_AGED` when it is older than 180 days. */
export function insistOnAge(anchor: VerifiedCheckpoint | undefined, now: number): void {
  if (anchor !== undefined && isAged(anchor, now)) throw agedError(anchor, now, 1);
}

function isAged({ freshAsOf }: VerifiedCheckpoint, now: number): boolean {
  return now - freshAsOf > MAX_ANCHOR_AGE_SECONDS;
}

function agedError({ freshAsOf }: VerifiedCheckpoint, now: number, have: number): AssayError {
  return new AssayError('E_ANCHOR_AGED', { seen: ago(now - freshAsOf), have, need: REANCHOR_SOURCES });
}
