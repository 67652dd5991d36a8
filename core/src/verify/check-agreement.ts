import type { Attestation } from '../archive/attestation.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError, fromWire } from '../errors/assay-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { quorum } from '../log/quorum.ts';
import { decodeEvidenceBundle, judgeAgreement, type Agreement } from '../records/agreement.ts';
import type { AuthoritySet } from '../records/authority-set.ts';
import { bitmapIndices } from '../records/bitmap.ts';
import { setOfEpoch } from '../records/network.ts';
import { proposalOf } from '../records/proposal.ts';
import type { ArtifactAddRecord, NetworkTrust } from '../records/types.ts';
import { failed, missingPart, passed, type Finding, type Raw } from './rung.ts';
import type { BuilderOutcome } from './types.ts';

/**
 * Whether the attestations are the ones the record names, each with a valid signature of an authority, a quorum of them over
 * this very record, and those the record counts.
 */
export async function checkAgreement(
  bundle: Uint8Array | undefined,
  record: ArtifactAddRecord | undefined,
  trusted: Result<NetworkTrust>,
  verify: VerifyEd25519Async,
): Promise<Finding<readonly BuilderOutcome[]>> {
  if (record === undefined) return missingPart('a record that attestations could support');
  if (bundle === undefined) return missingPart('the attestations behind the record');
  if (!trusted.ok) return failed(trusted.error);
  const trust = trusted.value;
  const set = setOfEpoch(trust, record.epoch);
  if (set === undefined)
    return failed(new AssayError('E_EPOCH_UNKNOWN', { epoch: record.epoch, newest: trust.current.epoch }));
  const agreement = await readAgreement(bundle, record, { trust, set }, verify);
  if (!agreement.ok) return failed(agreement.error);
  const builders = outcomesOf(agreement.value, record, set);
  return passed(fieldsOf(builders), rawOf(bundle, agreement.value), builders);
}

async function readAgreement(
  bytes: Uint8Array,
  record: ArtifactAddRecord,
  { trust, set }: { readonly trust: NetworkTrust; readonly set: AuthoritySet },
  verify: VerifyEd25519Async,
): Promise<Result<Agreement>> {
  if (!equalBytes(sha256(bytes), record.provenance.evidence)) return fail('E_AGREEMENT_DIGEST');
  const bundle = decodeEvidenceBundle(bytes);
  if (!bundle.ok) return bundle;
  const judged = judgeAgreement(bundle.value, proposalOf(record), trust, set);
  if (!judged.ok) return judged;
  const { agreement, signatures } = judged.value;
  const checks = await Promise.all(
    signatures.map(async ({ name, publicKey, message, signature }) => ({
      name,
      valid: await verify(publicKey, message, signature),
    })),
  );
  const forged = checks.find(({ valid }) => !valid);
  if (forged !== undefined) return fail('E_SIGNATURE', { name: forged.name });
  if (equalBytes(agreement.builders, record.provenance.builders)) return ok(agreement);
  return fail('E_AGREEMENT_BUILDERS', {
    recorded: namesIn(record.provenance.builders, set),
    attested: namesIn(agreement.builders, set),
  });
}

function outcomesOf(
  { agree, dissent }: Agreement,
  record: ArtifactAddRecord,
  { authorities }: AuthoritySet,
): BuilderOutcome[] {
  return authorities.map(({ name }, authority) => {
    if (agree.some((one) => one.authority === authority)) return { name, outcome: 'agreed' };
    const other = dissent.find((one) => one.authority === authority);
    return other === undefined ? { name, outcome: 'absent' } : dissentOf(other, record);
  });
}

function dissentOf({ name, outcome }: Attestation, record: ArtifactAddRecord): BuilderOutcome {
  if (outcome.kind === 'failed') return { name, outcome: 'failed', detail: fromWire(outcome.error).message };
  const known = new Set(record.artifacts.map(({ sha256: digest }) => toHex(digest)));
  const others = outcome.artifacts.filter((artifact) => !known.has(artifact.sha256));
  const detail = others.map((artifact) => `${artifact.name} with SHA-256 ${artifact.sha256}`).join(', ');
  return {
    name,
    outcome: 'dissented',
    detail: detail === '' ? 'the same bytes, described differently' : detail,
  };
}

function fieldsOf(builders: readonly BuilderOutcome[]) {
  const named = (wanted: BuilderOutcome['outcome']) =>
    builders.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);
  return {
    agreed: named('agreed').length,
    total: builders.length,
    need: quorum(builders.length),
    dissented: named('dissented').join(', '),
    failed: named('failed').join(', '),
    absent: named('absent').join(', '),
  };
}

function rawOf(bundle: Uint8Array, { agree, dissent }: Agreement): Raw {
  return [
    { label: 'SHA-256 of the evidence bundle', value: toHex(sha256(bundle)) },
    ...[...agree, ...dissent].map(({ name, statement }) => ({
      label: `Statement of ${name}`,
      value: JSON.stringify(statement, undefined, 2),
    })),
  ];
}

function namesIn(bitmap: Uint8Array, { authorities }: AuthoritySet): string {
  const indices = bitmapIndices(bitmap, authorities.length);
  if (indices === undefined) return 'a malformed set';
  const names = indices.map((index) => authorities[index]?.name ?? '');
  return names.length === 0 ? 'nobody' : names.join(', ');
}
