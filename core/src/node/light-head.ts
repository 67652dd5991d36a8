import { unwrap } from '../errors/result.ts';
import { parseCheckpointBody } from '../log/checkpoint.ts';
import { parseNote } from '../log/note.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import type { LookupBundle, LookupRecord } from '../lookup/bundle.ts';
import type { LookupFindings } from '../lookup/check.ts';
import type { LookupKnown } from '../net/sources.ts';
import type { StateRecord } from '../records/types.ts';
import type { PreviousHead } from '../verify/types.ts';
import type { LogEvidence } from './gather-evidence.ts';
import type { Anchor } from './stores.ts';

/** A tree head that a quorum signed, with the state record its tree ends with. */
export interface LightHead {
  readonly checkpoint: VerifiedCheckpoint;
  readonly state: StateRecord;
  readonly stateBytes: Uint8Array;
  readonly edge: readonly Uint8Array[];
  /** What stood here before; absent on first sight of the network. */
  readonly previous?: PreviousHead;
}

/** What the log says of a package, or a version, with all that proves it. */
export interface ProvenLookup extends LookupFindings {
  /** Of the version asked for, or the newest ones of a package. */
  readonly records: readonly LookupRecord[];
  /** The parts of an evidence that come from the log. */
  readonly evidence: LogEvidence;
}

/** What an asker that stands here says of itself, so that it is sent no more than it lacks. */
export function knownOf(known: LightHead | undefined, anchor: Anchor | undefined): LookupKnown {
  if (known !== undefined) return { have: known.checkpoint.size };
  return anchor === undefined ? {} : { from: anchor.size };
}

/** The evidence that an answer makes, under the head it rests on. */
export function evidenceOf(
  { steps, leaf, events, records: [record] }: LookupBundle,
  head: LightHead,
): LogEvidence {
  const { checkpoint, stateBytes: state, edge, previous } = head;
  return {
    checkpoint: checkpoint.bytes,
    lookup: { state, edge, steps, events, ...(leaf && { leaf }) },
    ...(record && { entry: record }),
    ...(previous && { previous }),
  };
}

/** The evidence that a refused answer makes, for the verifier to show what is wrong with it. */
export function claimOf(
  { head, steps, leaf, events, records: [record] }: LookupBundle,
  known: LightHead | undefined,
  anchor: Anchor | undefined,
): LogEvidence {
  const base = head ?? (known && { ...known, checkpoint: known.checkpoint.bytes, state: known.stateBytes });
  if (base === undefined) return {};
  const { checkpoint, state, edge } = base;
  const consistency = head?.consistency ?? [];
  return {
    checkpoint,
    lookup: { state, edge, steps, events, ...(leaf && { leaf }) },
    ...(record && { entry: record }),
    ...(anchor && { previous: { size: anchor.size, root: anchor.root, consistency } }),
  };
}

/** The evidence of a proven answer, with what contradicts the anchor it rests on: the verifier says whether that touches it. */
export function contested(evidence: LogEvidence, anchor: Anchor | undefined): LogEvidence {
  return anchor?.conflict === undefined
    ? evidence
    : { ...evidence, conflicts: anchorEvidence(anchor).conflicts ?? [] };
}

/** What is left to show when there is no answer: where this node stands, and what contradicts that. */
export function anchorEvidence({ checkpoint, size, root, conflict }: Anchor): LogEvidence {
  if (conflict === undefined) return { checkpoint, previous: { size, root, consistency: [] } };
  const { proof } = conflict;
  if (proof !== undefined) return { checkpoint, conflicts: [{ checkpoint: conflict.second, ...proof }] };
  const second = unwrap(parseCheckpointBody(unwrap(parseNote(conflict.second)).text));
  if (second.size !== size)
    return { checkpoint, previous: { size: second.size, root: second.root, consistency: [] } };
  return { checkpoint, conflicts: [{ checkpoint: conflict.second, root, consistency: [] }] };
}
