import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import type { CborValue } from '../encoding/cbor.ts';
import { toHex } from '../encoding/hex.ts';
import type { ErrorFields } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import type { AuthoritySet } from '../records/authority-set.ts';
import type { NetworkTrust } from '../records/types.ts';
import { decodeCanonicalJson, encodeCanonicalJson } from './canonical-json.ts';
import { decodeEnvelope, preAuthEncoding, signEnvelope } from './dsse.ts';
import { builderId, readStatement, type MirrorStatement, type Statement } from './statement.ts';

/** Media type of in-toto statements inside DSSE envelopes. */
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** A file as a builder saw it. */
export interface SeenArtifact {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What an authority says happened. */
export type AttestedOutcome =
  | { readonly kind: 'digest'; readonly proposalDigest: string; readonly artifacts: readonly SeenArtifact[] }
  | { readonly kind: 'failed'; readonly error: { readonly code: string; readonly fields: ErrorFields } };

/** One authority's statement about one package version. */
export interface Attestation {
  /** Index in the authority set. */
  readonly authority: number;
  readonly name: string;
  readonly purl: string;
  readonly outcome: AttestedOutcome;
  readonly statement: Statement;
}

/** A signature that still has to be checked, and whose it should be. */
export interface SignatureCheck {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** An attestation that was read but whose signature was not checked: worth nothing until `signed` is. */
export interface UncheckedAttestation {
  readonly attestation: Attestation;
  readonly signed: SignatureCheck;
}

/** Signs a statement with a build key and gives the DSSE envelope's bytes. */
export function signStatement(
  statement: Statement,
  key: { readonly publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array },
): Uint8Array {
  const payload = encodeCanonicalJson(statement as unknown as CborValue);
  return signEnvelope(
    { payloadType: PAYLOAD_TYPE, payload },
    { keyId: toHex(key.publicKey), sign: key.sign },
  );
}

/** Reads an attestation by an authority of `set`, the newest unless told otherwise, and checks its signature. Total. */
export function readAttestation(
  envelope: Uint8Array,
  trust: NetworkTrust,
  verify: VerifyEd25519,
  set: AuthoritySet = trust.current,
): Result<Attestation> {
  const opened = openAttestation(envelope, trust, set);
  if (!opened.ok) return opened;
  const { attestation, signed } = opened.value;
  const valid = verify(signed.publicKey, signed.message, signed.signature);
  return valid ? ok(attestation) : fail('E_SIGNATURE', { name: signed.name });
}

/** Reads everything of an attestation but its signature, for callers that check signatures in their own way. Total. */
export function openAttestation(
  envelope: Uint8Array,
  trust: NetworkTrust,
  set: AuthoritySet = trust.current,
): Result<UncheckedAttestation> {
  const decoded = decodeEnvelope(envelope);
  if (!decoded.ok) return decoded;
  const { payloadType, payload, keyId, signature } = decoded.value;
  if (payloadType !== PAYLOAD_TYPE)
    return fail('E_ENVELOPE', { reason: 'its payload is not an in-toto statement' });
  const authority = set.authorities.findIndex(({ buildKey }) => toHex(buildKey) === keyId);
  const signer = set.authorities[authority];
  if (signer === undefined) return fail('E_ATTESTATION_SIGNER');
  const json = decodeCanonicalJson(payload);
  if (!json.ok) return json;
  const statement = readStatement(json.value, '$');
  if (!statement.ok) return statement;
  const claim = claimOf(statement.value);
  if (claim.builder !== builderId(trust, set, authority)) {
    return fail('E_ATTESTATION', { reason: 'it names another builder than the one whose key signed it' });
  }
  const { purl, outcome } = claim;
  return ok({
    attestation: { authority, name: signer.name, purl, outcome, statement: statement.value },
    signed: {
      name: signer.name,
      publicKey: signer.buildKey,
      message: preAuthEncoding(payloadType, payload),
      signature,
    },
  });
}

interface Claim {
  readonly builder: string;
  readonly purl: string;
  readonly outcome: AttestedOutcome;
}

function claimOf(statement: Statement): Claim {
  if (isMirror(statement)) return mirrorClaim(statement);
  const { configuration, failedTests, fields } = statement.predicate;
  return {
    builder: configuration[0]?.uri ?? '',
    purl: statement.subject[0]?.name ?? '',
    outcome: { kind: 'failed', error: { code: failedTests[0] ?? '', fields } },
  };
}

function mirrorClaim({ subject, predicate }: MirrorStatement): Claim {
  const seen = subject.map(({ name, digest }) => ({ name, sha256: digest.sha256 }));
  return {
    builder: predicate.runDetails.builder.id,
    purl: predicate.buildDefinition.externalParameters.purl,
    outcome: { kind: 'digest', proposalDigest: seen.at(-1)?.sha256 ?? '', artifacts: seen.slice(0, -1) },
  };
}

function isMirror(statement: Statement): statement is MirrorStatement {
  return 'buildDefinition' in statement.predicate;
}
