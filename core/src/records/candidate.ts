import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { concatBytes, equalBytes, utf8 } from '../encoding/bytes.ts';
import { bytes, decodeWith, literal, shape, type Reader } from '../encoding/cbor-shape.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { authorityToCbor, flawOfSet, readAddresses, readAuthority } from './authority.ts';
import { MAX_CANDIDATE_BYTES } from './limits.ts';
import type { AuthorityIdentity } from './types.ts';

const DOMAIN = utf8('assay-candidate/v1\0');

/** Every key of an authority, by its job. */
export const KEY_JOBS = ['vote', 'cosign', 'log', 'build', 'peer'] as const;
/** What a key is for. */
export type KeyJob = (typeof KEY_JOBS)[number];

/** What the operator of a new authority hands to those of the present ones: who it will be, and proof that it holds the keys. */
export interface Candidate {
  readonly v: 1;
  /** The network it wants to join: SHA-256 of the genesis record. */
  readonly networkId: Uint8Array;
  readonly authority: AuthorityIdentity;
  /** Multiaddrs it can be dialled at. */
  readonly addresses: readonly string[];
  /** A signature by each of its keys over `candidateMessage`. */
  readonly proofs: Readonly<Record<KeyJob, Uint8Array>>;
}

const signature = bytes({ length: 64 });

/** Reads a candidate out of decoded CBOR; `checkCandidate` says whether its proofs hold. */
export const readCandidate: Reader<Candidate> = shape({
  v: literal(1),
  networkId: bytes({ length: 32 }),
  authority: readAuthority,
  addresses: readAddresses,
  proofs: shape({ vote: signature, cosign: signature, log: signature, build: signature, peer: signature }),
});

/** The CBOR form of a candidate. */
export function candidateToCbor({ v, networkId, authority, addresses, proofs }: Candidate): CborMap {
  return {
    v,
    networkId,
    authority: authorityToCbor(authority),
    addresses: [...addresses],
    proofs: { ...proofs },
  };
}

/** The canonical bytes of a candidate. */
export function encodeCandidate(candidate: Candidate): Uint8Array {
  return encodeCbor(candidateToCbor(candidate));
}

/** Reads what `encodeCandidate` writes. Total. */
export function decodeCandidate(encoded: Uint8Array): Result<Candidate> {
  return decodeWith(encoded, readCandidate, { maxBytes: MAX_CANDIDATE_BYTES });
}

/** SHA-256 of the canonical CBOR of {authority, addresses}: what a candidate stands for, whoever vouches for it. */
export function candidateDigest({
  authority,
  addresses,
}: Pick<Candidate, 'authority' | 'addresses'>): Uint8Array {
  return sha256(encodeCbor({ authority: authorityToCbor(authority), addresses: [...addresses] }));
}

/** What every key of a candidate signs: a domain of its own, the network, what the candidate stands for. */
export function candidateMessage(
  networkId: Uint8Array,
  candidate: Pick<Candidate, 'authority' | 'addresses'>,
): Uint8Array {
  return concatBytes(DOMAIN, networkId, candidateDigest(candidate));
}

/** The key of an authority for each job. */
export function keysByJob(authority: AuthorityIdentity): Readonly<Record<KeyJob, Uint8Array>> {
  const { voteKey, cosignKey, logKey, buildKey, peerKey } = authority;
  return { vote: voteKey, cosign: cosignKey, log: logKey, build: buildKey, peer: peerKey };
}

/** Whether a candidate is one for this network and holds all its keys, which differ. Fails with `E_CANDIDATE`. */
export function checkCandidate(
  candidate: Candidate,
  networkId: Uint8Array,
  verify: VerifyEd25519,
): Result<void> {
  const { authority, proofs } = candidate;
  if (!equalBytes(candidate.networkId, networkId)) return refused('it was made for another network');
  const flaw = flawOfSet([authority]);
  if (flaw !== undefined) return refused(flaw);
  const message = candidateMessage(networkId, candidate);
  const keys = keysByJob(authority);
  const unproven = KEY_JOBS.find((job) => !verify(keys[job], message, proofs[job]));
  return unproven === undefined ? ok(undefined) : refused(`nothing proves that it holds its ${unproven} key`);
}

const HEADER = '-----BEGIN ASSAY CANDIDATE-----';
const FOOTER = '-----END ASSAY CANDIDATE-----';
const LINE_LENGTH = 64;

/** A candidate as a text file that survives mail and terminals: its bytes in the armour of RFC 7468. */
export function formatCandidateFile(candidate: Candidate): string {
  const encoded = toBase64(encodeCandidate(candidate));
  const lines = encoded.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? [];
  return [HEADER, ...lines, FOOTER, ''].join('\n');
}

/** Reads a candidate file; line ends and text around the armour do not matter. Total. Fails with `E_CANDIDATE` or as the codec. */
export function parseCandidateFile(file: string): Result<Candidate> {
  const start = file.indexOf(HEADER);
  const end = file.indexOf(FOOTER, start);
  if (start < 0 || end < 0) return refused('it is no candidate file');
  const text = file.slice(start + HEADER.length, end).replaceAll(/\s/g, '');
  if (text.length > 2 * MAX_CANDIDATE_BYTES) return refused('it is too long');
  const encoded = fromBase64(text);
  return encoded.ok ? decodeCandidate(encoded.value) : encoded;
}

function refused(reason: string): Result<never> {
  return fail('E_CANDIDATE', { reason });
}
