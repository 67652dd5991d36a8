import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { concatBytes, u64be, utf8 } from '@assay/core/encoding/bytes.ts';
import type { CborMap } from '@assay/core/encoding/cbor.ts';
import { arrayOf, bytes, int, literal, shape, type Reader } from '@assay/core/encoding/cbor-shape.ts';
import { fail, ok } from '@assay/core/errors/result.ts';
import { MAX_AUTHORITIES, MAX_BITMAP_BYTES } from '@assay/core/records/limits.ts';
import { hashBytes, readHash, ZERO_HASH, type Hash } from './block.ts';

/** Notarise: "the first valid proposal of this view". Nullify: "this view shall have no block". Finalise: "I saw it notarised and did not nullify". */
export type VoteKind = 'notarise' | 'nullify' | 'finalise';

/** What a vote says. */
export interface Ballot {
  readonly kind: VoteKind;
  readonly epoch: number;
  readonly view: number;
  /** The block voted for; `ZERO_HASH` when nullifying. */
  readonly digest: Hash;
}

/** A signed ballot. */
export interface Vote extends Ballot {
  /** Index in the authority set. */
  readonly signer: number;
  readonly signature: Uint8Array;
}

/** At least a quorum of votes with one content: proof that needs no trust in who hands it over. */
export interface Certificate extends Ballot {
  /** Indices in the authority set, ascending. */
  readonly signers: readonly number[];
  /** One per signer, in their order. */
  readonly signatures: readonly Uint8Array[];
}

/** The public keys certificates are checked against. */
export interface Electorate {
  readonly chain: Hash;
  readonly quorum: number;
  readonly voteKeys: readonly Uint8Array[];
  readonly verify: VerifyEd25519;
}

const VOTE_DOMAIN = utf8('assay-vote/v1\0');
const kindByte = { notarise: 1, nullify: 2, finalise: 3 } as const satisfies Record<VoteKind, number>;

/** The bytes a vote signs: fixed length, a domain of their own, the network, epoch and view inside. */
export function ballotBytes(chain: Hash, { kind, epoch, view, digest }: Ballot): Uint8Array {
  return concatBytes(
    VOTE_DOMAIN,
    Uint8Array.of(kindByte[kind]),
    hashBytes(chain),
    u64be(epoch),
    u64be(view),
    hashBytes(digest),
  );
}

/** Whether the vote is signed by the authority it names. */
export function isVoteSigned(electorate: Electorate, vote: Vote): boolean {
  const key = electorate.voteKeys[vote.signer];
  return key !== undefined && isVoteSignedBy(electorate, key, vote);
}

/** Whether the vote is signed with this key. */
export function isVoteSignedBy(
  { chain, verify }: Pick<Electorate, 'chain' | 'verify'>,
  key: Uint8Array,
  vote: Vote,
): boolean {
  return verify(key, ballotBytes(chain, vote), vote.signature);
}

/** Joins votes of one content into a certificate. */
export function certificateOf(ballot: Ballot, votes: readonly Vote[]): Certificate {
  const { kind, epoch, view, digest } = ballot;
  const sorted = votes.toSorted((a, b) => a.signer - b.signer);
  return {
    kind,
    epoch,
    view,
    digest,
    signers: sorted.map((vote) => vote.signer),
    signatures: sorted.map((vote) => vote.signature),
  };
}

/** The votes a certificate is made of. */
export function votesOf(certificate: Certificate): Vote[] {
  const { kind, epoch, view, digest, signers, signatures } = certificate;
  return signers.flatMap((signer, at) => {
    const signature = signatures[at];
    return signature === undefined ? [] : [{ kind, epoch, view, digest, signer, signature }];
  });
}

/** Whether a quorum of distinct authorities signed. `isKnown` spares signatures that were checked before. */
export function isCertificateValid(
  electorate: Electorate,
  certificate: Certificate,
  isKnown: (vote: Vote) => boolean = () => false,
): boolean {
  const votes = votesOf(certificate);
  if (new Set(certificate.signers).size < electorate.quorum || votes.length !== certificate.signers.length)
    return false;
  return votes.every((vote) => isKnown(vote) || isVoteSigned(electorate, vote));
}

const ballotFields = {
  kind: literal('notarise', 'nullify', 'finalise'),
  epoch: int({ min: 1 }),
  view: int({ min: 1 }),
  digest: readHash,
} as const;

/** Reads a vote out of decoded CBOR. */
export const readVote: Reader<Vote> = wellFormed(
  shape({
    ...ballotFields,
    signer: int({ min: 0, max: MAX_AUTHORITIES - 1 }),
    signature: bytes({ length: 64 }),
  }),
);

const readCertificateShape = wellFormed(
  shape({
    ...ballotFields,
    signers: bytes({ maxLength: MAX_BITMAP_BYTES }),
    signatures: arrayOf(bytes({ length: 64 }), { max: MAX_AUTHORITIES }),
  }),
);

/** Reads a certificate out of decoded CBOR: signers as a bitmap, bit i&7 of byte i>>3 for authority i. */
export const readCertificate: Reader<Certificate> = (value, path) => {
  const read = readCertificateShape(value, path);
  if (!read.ok) return read;
  const signers = bitmapToIndices(read.value.signers);
  if (signers.length !== read.value.signatures.length || read.value.signers.at(-1) === 0) {
    return fail('E_CONSENSUS_MESSAGE', { reason: 'a certificate whose bitmap does not fit its signatures' });
  }
  return ok({ ...read.value, signers });
};

/** The wire form of a vote. */
export function voteToCbor({ digest, ...plain }: Vote): CborMap {
  return { ...plain, digest: hashBytes(digest) };
}

/** The wire form of a certificate: its signers as a bitmap. */
export function certificateToCbor({ digest, signers, ...plain }: Certificate): CborMap {
  return { ...plain, digest: hashBytes(digest), signers: indicesToBitmap(signers) };
}

/** A nullify ballot names no block; the others do. */
function wellFormed<T extends Ballot>(reader: Reader<T>): Reader<T> {
  return (value, path) => {
    const read = reader(value, path);
    if (!read.ok || (read.value.kind === 'nullify') === (read.value.digest === ZERO_HASH)) return read;
    return fail('E_CONSENSUS_MESSAGE', { reason: 'a vote whose kind and digest do not fit' });
  };
}

function bitmapToIndices(bitmap: Uint8Array): number[] {
  return [...bitmap].flatMap((byte, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) % 2 === 1).map((bit) => at * 8 + bit),
  );
}

function indicesToBitmap(indices: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(Math.floor(Math.max(-1, ...indices) / 8) + 1);
  for (const index of indices) bitmap[index >> 3] = (bitmap[index >> 3] ?? 0) | (1 << (index & 7));
  return bitmap;
}
