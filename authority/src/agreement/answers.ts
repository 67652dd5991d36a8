import { openAttestation, readAttestation } from '@assay/core/archive/attestation.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fail, ok, unwrap, type Result } from '@assay/core/errors/result.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Era } from '../era.ts';
import type { Answer } from './round.ts';

/** Reads what another authority sent as its answer about `purl`: signed by itself, about this very package version. Total. */
export function readAnswer(
  envelope: Uint8Array,
  from: { readonly authority: number; readonly purl: string },
  trust: NetworkTrust,
): Result<Answer> {
  const read = readAttestation(envelope, trust, verifyEd25519Node);
  if (!read.ok) return read;
  const { authority, purl, name } = read.value;
  if (authority !== from.authority)
    return fail('E_ATTESTATION', { reason: `it is signed by ${name}, not by its sender` });
  if (purl !== from.purl) return fail('E_AGREEMENT_PURL', { name, purl });
  return ok({ attestation: read.value, envelope });
}

/** Reads this authority's own answer in the epoch in force, which needs no proof. Throws when it is not what this program would sign. */
export function readOwnAnswer(envelope: Uint8Array, { trust, me }: Era): Answer {
  const { attestation } = unwrap(openAttestation(envelope, trust));
  if (attestation.authority !== me) throw new Error('an answer of another authority among our own');
  return { attestation, envelope };
}
