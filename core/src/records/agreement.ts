import {
  openAttestation,
  type Attestation,
  type SignatureCheck,
  type UncheckedAttestation,
} from '../archive/attestation.ts';
import { MAX_ENVELOPE_BYTES } from '../archive/dsse.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { arrayOf, bytes, decodeWith, literal, shape } from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { quorum } from '../log/quorum.ts';
import type { AuthoritySet } from './authority-set.ts';
import { bitmapOf } from './bitmap.ts';
import { MAX_AUTHORITIES, MAX_TRANSACTION_BYTES } from './limits.ts';
import { proposalDigest, type ProposedAdd } from './proposal.ts';
import type { NetworkTrust } from './types.ts';

/** The DSSE envelopes of those who agree on a proposal and of those who saw something else. */
export interface EvidenceBundle {
  readonly agree: readonly Uint8Array[];
  readonly dissent: readonly Uint8Array[];
}

/** The attestations of a bundle, read and judged. */
export interface Agreement {
  readonly agree: readonly Attestation[];
  readonly dissent: readonly Attestation[];
  /** Bitmap of those who agree. */
  readonly builders: Uint8Array;
}

const envelopes = arrayOf(bytes({ maxLength: MAX_ENVELOPE_BYTES }), { max: MAX_AUTHORITIES });
const readBundle = shape({ v: literal(1), agree: envelopes, dissent: envelopes });

/** The canonical bytes whose SHA-256 a record names as its evidence. */
export function evidenceBundle(agree: readonly Uint8Array[], dissent: readonly Uint8Array[]): Uint8Array {
  return encodeCbor({ v: 1, agree, dissent });
}

/** Reads an evidence bundle; the envelopes inside are still only bytes. Total. */
export function decodeEvidenceBundle(bundle: Uint8Array): Result<EvidenceBundle> {
  const read = decodeWith(bundle, readBundle, { maxBytes: MAX_TRANSACTION_BYTES });
  return read.ok ? ok({ agree: read.value.agree, dissent: read.value.dissent }) : read;
}

/**
 * Judges a bundle of authorities of `set` against a proposal, all but the signatures: those who agree name exactly this proposal and are a quorum, the
 * others say something else about the same purl, and nobody speaks twice. The agreement holds once every one of `signatures`
 * is valid.
 */
export function judgeAgreement(
  bundle: EvidenceBundle,
  proposal: ProposedAdd,
  trust: NetworkTrust,
  set: AuthoritySet,
): Result<{ readonly agreement: Agreement; readonly signatures: readonly SignatureCheck[] }> {
  const opened: UncheckedAttestation[] = [];
  for (const envelope of [...bundle.agree, ...bundle.dissent]) {
    const attestation = openAttestation(envelope, trust, set);
    if (!attestation.ok) return attestation;
    opened.push(attestation.value);
  }
  const attestations = opened.map(({ attestation }) => attestation);
  const agree = attestations.slice(0, bundle.agree.length);
  const dissent = attestations.slice(bundle.agree.length);
  const judged = judge(agree, dissent, proposal, set.authorities.length);
  if (!judged.ok) return judged;
  return ok({
    agreement: { agree, dissent, builders: judged.value },
    signatures: opened.map(({ signed }) => signed),
  });
}

/** The builders bitmap of attestations that keep the rules. */
function judge(
  agree: readonly Attestation[],
  dissent: readonly Attestation[],
  proposal: ProposedAdd,
  total: number,
): Result<Uint8Array> {
  const digest = toHex(proposalDigest(proposal));
  const seen = new Set<number>();
  for (const attestation of [...agree, ...dissent]) {
    const { authority, name, purl } = attestation;
    if (purl !== proposal.purl) return fail('E_AGREEMENT_PURL', { name, purl });
    if (seen.has(authority)) return fail('E_AGREEMENT_DUPLICATE', { name });
    seen.add(authority);
  }
  const misfiled =
    agree.find((attestation) => !saw(attestation, digest, proposal)) ??
    dissent.find((attestation) => saw(attestation, digest, proposal));
  if (misfiled !== undefined) {
    const filed = agree.includes(misfiled) ? 'agreeing' : 'dissenting';
    return fail('E_AGREEMENT_OUTCOME', { name: misfiled.name, filed });
  }
  const need = quorum(total);
  if (agree.length < need) return fail('E_AGREEMENT_QUORUM', { agreed: agree.length, total, need });
  return ok(
    bitmapOf(
      agree.map(({ authority }) => authority),
      total,
    ),
  );
}

/** Whether the authority saw this proposal, and names its very artifacts besides its digest. */
function saw({ outcome }: Attestation, digest: string, proposal: ProposedAdd): boolean {
  if (outcome.kind !== 'digest' || outcome.proposalDigest !== digest) return false;
  return (
    outcome.artifacts.length === proposal.artifacts.length &&
    proposal.artifacts.every(
      ({ name, sha256 }, position) =>
        outcome.artifacts[position]?.name === name && outcome.artifacts[position].sha256 === toHex(sha256),
    )
  );
}
