import { MAX_ENVELOPE_BYTES } from '../archive/dsse.ts';
import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { arrayOf, bytes, decodeWith, literal, shape, type Reader } from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { evidenceBundle, judgeAgreement, type EvidenceBundle } from './agreement.ts';
import { encodeRecord } from './codec.ts';
import { MAX_AUTHORITIES, MAX_TRANSACTION_BYTES } from './limits.ts';
import { proposalToCbor, readProposal, recordOf, type ProposedAdd } from './proposal.ts';
import type { ArtifactAddRecord, NetworkTrust } from './types.ts';

/** What consensus orders: a proposal with every attestation that makes it valid, so that no vote waits for a build. */
export interface Transaction extends EvidenceBundle {
  readonly v: 1;
  readonly kind: 'artifact-add';
  readonly proposal: ProposedAdd;
}

const envelopes = arrayOf(bytes({ maxLength: MAX_ENVELOPE_BYTES }), { max: MAX_AUTHORITIES });

const readTransaction: Reader<Transaction> = shape({
  v: literal(1),
  kind: literal('artifact-add'),
  proposal: readProposal,
  agree: envelopes,
  dissent: envelopes,
});

/** The canonical bytes of a transaction. Throws `E_TRANSACTION_FORM` above `MAX_TRANSACTION_BYTES`. */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const { v, kind, proposal, agree, dissent } = transaction;
  const encoded = encodeCbor({ v, kind, proposal: proposalToCbor(proposal), agree, dissent });
  if (encoded.length > MAX_TRANSACTION_BYTES) {
    throw new AssayError('E_TRANSACTION_FORM', { reason: `more than ${MAX_TRANSACTION_BYTES} bytes` });
  }
  return encoded;
}

/** Reads a transaction's form; `checkTransaction` says whether it is valid. Total. */
export function decodeTransaction(encoded: Uint8Array): Result<Transaction> {
  return decodeWith(encoded, readTransaction, { maxBytes: MAX_TRANSACTION_BYTES });
}

/** A valid transaction's effect: the record it adds and the bundle that the record's `evidence` names. */
export interface CheckedTransaction {
  readonly record: ArtifactAddRecord;
  readonly evidence: Uint8Array;
}

/**
 * Whether a quorum of authorities, each with a valid signature, attests to exactly this proposal. A pure function of the
 * arguments; whether the version is in the log already is for `LogState` to say.
 */
export function checkTransaction(
  transaction: Transaction,
  trust: NetworkTrust,
  verify: VerifyEd25519,
): Result<CheckedTransaction> {
  const { proposal, agree, dissent } = transaction;
  const { epoch, limits } = trust.current;
  if (proposal.artifacts.some(({ size }) => size > limits.maxArtifactBytes)) {
    return fail('E_TRANSACTION_FORM', {
      reason: `an artifact is larger than ${limits.maxArtifactBytes} bytes`,
    });
  }
  const judged = judgeAgreement({ agree, dissent }, proposal, trust, trust.current);
  if (!judged.ok) return judged;
  for (const { name, publicKey, message, signature } of judged.value.signatures) {
    if (!verify(publicKey, message, signature)) return fail('E_SIGNATURE', { name });
  }
  const evidence = evidenceBundle(agree, dissent);
  const { builders } = judged.value.agreement;
  return fitting({ record: recordOf(proposal, { epoch, builders, evidence: sha256(evidence) }), evidence });
}

function fitting(checked: CheckedTransaction): Result<CheckedTransaction> {
  try {
    encodeRecord(checked.record);
    return ok(checked);
  } catch {
    return fail('E_TRANSACTION_FORM', { reason: `its record does not fit into ${MAX_ENTRY_BYTES} bytes` });
  }
}
