import { decodeCapability } from '../eris/capability.ts';
import { unwrap } from '../errors/result.ts';
import type { Artifact, ArtifactAddRecord } from '../records/types.ts';
import type { PackDescription } from '../swarm/block-store.ts';

/** The reference of an artifact's root block: the name of its pack. */
export function rootOf(artifact: Artifact): Uint8Array {
  return unwrap(decodeCapability(artifact.eris)).rootReference;
}

/** The pack of an artifact, as its record describes it. */
export function packOf(record: ArtifactAddRecord, artifact: Artifact): PackDescription {
  const { rootReference, blockSize } = unwrap(decodeCapability(artifact.eris));
  return {
    root: rootReference,
    capability: artifact.eris,
    blockSize,
    contentSize: artifact.size,
    purl: record.purl,
    name: artifact.name,
  };
}
