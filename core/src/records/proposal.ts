import { sha256 } from '../crypto/sha256.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { literal, shape, type Reader } from '../encoding/cbor-shape.ts';
import {
  aboutToCbor,
  artifactsToCbor,
  readAbout,
  readArtifacts,
  readSource,
  readVersionPurl,
} from './artifact-add.ts';
import type { ArtifactAddRecord, Provenance } from './types.ts';

/** What one authority found out by itself and must agree on with others: a record without who agreed, and when. */
export type ProposedAdd = Omit<ArtifactAddRecord, 'epoch' | 'provenance'> & {
  readonly provenance: Pick<Provenance, 'method' | 'source'>;
};

/** Reads a proposal; every field is held to the rules of the record it may become. */
export const readProposal: Reader<ProposedAdd> = shape({
  kind: literal('artifact-add'),
  v: literal(1),
  purl: readVersionPurl,
  artifacts: readArtifacts,
  about: readAbout,
  provenance: shape({ method: literal('mirrored'), source: readSource }),
});

/** The CBOR form of a proposal. */
export function proposalToCbor(proposal: ProposedAdd): CborMap {
  const { method, source } = proposal.provenance;
  return {
    kind: proposal.kind,
    v: proposal.v,
    purl: proposal.purl,
    artifacts: artifactsToCbor(proposal.artifacts),
    about: aboutToCbor(proposal.about),
    provenance: { method, source: { ...source } },
  };
}

/** SHA-256 of the canonical bytes of a proposal: the one thing attestations agree on. */
export function proposalDigest(proposal: ProposedAdd): Uint8Array {
  return sha256(encodeCbor(proposalToCbor(proposal)));
}

/** The proposal a record came from. */
export function proposalOf(record: ArtifactAddRecord): ProposedAdd {
  const { kind, v, purl, artifacts, about, provenance } = record;
  return {
    kind,
    v,
    purl,
    artifacts,
    about,
    provenance: { method: provenance.method, source: provenance.source },
  };
}

/** The record a proposal becomes once `builders` agreed on it. */
export function recordOf(
  proposal: ProposedAdd,
  agreed: { readonly epoch: number; readonly builders: Uint8Array; readonly evidence: Uint8Array },
): ArtifactAddRecord {
  const { epoch, builders, evidence } = agreed;
  return { ...proposal, epoch, provenance: { ...proposal.provenance, builders, evidence } };
}
