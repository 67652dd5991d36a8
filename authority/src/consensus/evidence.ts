import { literal, shape, variant, decodeWith, type Reader } from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor, type CborMap } from '@assay/core/encoding/cbor.ts';
import type { Result } from '@assay/core/errors/result.ts';
import type { Offence } from '@assay/core/records/types.ts';
import {
  isTreeHeadSigned,
  readSignedTreeHead,
  signedTreeHeadToCbor,
  type Cosigners,
  type SignedTreeHead,
} from './cosignature.ts';
import { isVoteSignedBy, readVote, voteToCbor, type Electorate, type Vote, type VoteKind } from './vote.ts';

/** Two signed statements of one authority that no honest one makes together (rule R14). */
export type Evidence =
  | { readonly kind: 'votes'; readonly first: Vote; readonly second: Vote }
  | { readonly kind: 'cosignatures'; readonly first: SignedTreeHead; readonly second: SignedTreeHead };

/** Who did what, as evidence shows it. */
export interface Accusation {
  /** The epoch whose keys the statements are signed with. */
  readonly epoch: number;
  readonly name: string;
  readonly offence: Offence;
}

/** Bytes of the largest piece of evidence, in canonical CBOR, with a margin. */
const MAX_EVIDENCE_BYTES = 1024;

/** What statements are checked against: the keys of all epochs. */
export type Accusers = Cosigners & Pick<Electorate, 'chain'>;

/** Whether these two votes of one signer in one view contradict each other. */
export function votesConflict(first: Vote, second: Vote): boolean {
  if (first.signer !== second.signer || first.epoch !== second.epoch || first.view !== second.view)
    return false;
  if (first.kind === second.kind) return first.digest !== second.digest;
  return isPair(first.kind, second.kind, 'nullify', 'finalise');
}

/** Whether these two cosignatures of one signer name different roots for one size. */
export function cosignaturesConflict(first: SignedTreeHead, second: SignedTreeHead): boolean {
  const isOneSigner = first.signer === second.signer && first.epoch === second.epoch;
  return isOneSigner && first.size === second.size && first.root !== second.root;
}

/** What a piece of evidence proves; undefined when it proves nothing: no contradiction, a signature that does not hold, nobody's. */
export function judgeEvidence(accusers: Accusers, evidence: Evidence): Accusation | undefined {
  const { epoch, signer } = evidence.first;
  const authority = accusers.sets[epoch - 1]?.authorities[signer];
  if (authority === undefined || !isConflict(evidence)) return undefined;
  const { name, voteKey } = authority;
  const isSigned =
    evidence.kind === 'votes'
      ? isVoteSignedBy(accusers, voteKey, evidence.first) &&
        isVoteSignedBy(accusers, voteKey, evidence.second)
      : isTreeHeadSigned(accusers, evidence.first) && isTreeHeadSigned(accusers, evidence.second);
  return isSigned ? { epoch, name, offence: offenceOf(evidence) } : undefined;
}

/** One name for all pieces of evidence about the same misdeed; it begins with the authority's. */
export function evidenceKey(name: string, evidence: Evidence): string {
  const { kind, first } = evidence;
  const where = kind === 'cosignatures' ? `size ${first.size}` : `view ${first.view}`;
  return `${name}/epoch ${first.epoch}/${where}/${offenceOf(evidence)}`;
}

/** The bytes of a piece of evidence, as the log names them by their SHA-256. */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  return encodeCbor(evidenceToCbor(evidence));
}

/** Reads a piece of evidence. Total; says nothing about what it proves. */
export function decodeEvidence(encoded: Uint8Array): Result<Evidence> {
  return decodeWith(encoded, readEvidence, { maxBytes: MAX_EVIDENCE_BYTES });
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

function isConflict(evidence: Evidence): boolean {
  return evidence.kind === 'votes'
    ? votesConflict(evidence.first, evidence.second)
    : cosignaturesConflict(evidence.first, evidence.second);
}

function offenceOf(evidence: Evidence): Offence {
  if (evidence.kind === 'cosignatures') return 'two-cosignatures';
  const { first, second } = evidence;
  if (first.kind !== second.kind) return 'nullify-and-finalise';
  return first.kind === 'finalise' ? 'two-finalise' : 'two-notarise';
}

function isPair(a: VoteKind, b: VoteKind, one: VoteKind, other: VoteKind): boolean {
  return (a === one && b === other) || (a === other && b === one);
}
