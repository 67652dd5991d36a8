import type { CborMap } from '@assay/core/encoding/cbor.ts';
import { literal, shape, variant, type Reader } from '@assay/core/encoding/cbor-shape.ts';
import { readSignedTreeHead, signedTreeHeadToCbor, type SignedTreeHead } from './cosignature.ts';
import { readVote, voteToCbor, type Vote, type VoteKind } from './vote.ts';

/** Two signed statements of one authority that no honest one makes together (rule R14). */
export type Evidence =
  | { readonly kind: 'votes'; readonly first: Vote; readonly second: Vote }
  | { readonly kind: 'cosignatures'; readonly first: SignedTreeHead; readonly second: SignedTreeHead };

/** Whether these two votes of one signer in one view contradict each other. */
export function votesConflict(first: Vote, second: Vote): boolean {
  if (first.signer !== second.signer || first.epoch !== second.epoch || first.view !== second.view)
    return false;
  if (first.kind === second.kind) return first.digest !== second.digest;
  return isPair(first.kind, second.kind, 'nullify', 'finalise');
}

/** Whether these two cosignatures of one signer name different roots for one size. */
export function cosignaturesConflict(first: SignedTreeHead, second: SignedTreeHead): boolean {
  return first.signer === second.signer && first.size === second.size && first.root !== second.root;
}

/** Whether the two statements contradict each other at all; says nothing about their signatures. */
export function isConflict(evidence: Evidence): boolean {
  return evidence.kind === 'votes'
    ? votesConflict(evidence.first, evidence.second)
    : cosignaturesConflict(evidence.first, evidence.second);
}

/** One name for all pieces of evidence about the same misdeed. */
export function evidenceKey({ kind, first, second }: Evidence): string {
  if (kind === 'cosignatures') return `${first.signer}/size ${first.size}`;
  return `${first.signer}/view ${first.view}/${[first.kind, second.kind].toSorted().join(' ')}`;
}

/** Reads a piece of evidence out of decoded CBOR. */
export const readEvidence: Reader<Evidence> = variant('kind', {
  votes: shape({ kind: literal('votes'), first: readVote, second: readVote }),
  cosignatures: shape({
    kind: literal('cosignatures'),
    first: readSignedTreeHead,
    second: readSignedTreeHead,
  }),
});

/** The wire form of evidence. */
export function evidenceToCbor(evidence: Evidence): CborMap {
  return evidence.kind === 'votes'
    ? { kind: 'votes', first: voteToCbor(evidence.first), second: voteToCbor(evidence.second) }
    : {
        kind: 'cosignatures',
        first: signedTreeHeadToCbor(evidence.first),
        second: signedTreeHeadToCbor(evidence.second),
      };
}

function isPair(a: VoteKind, b: VoteKind, one: VoteKind, other: VoteKind): boolean {
  return (a === one && b === other) || (a === other && b === one);
}
