import { decodeCapability, toUrn } from '@assay/core/eris/capability.ts';
import { fromUtf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { leafHash } from '@assay/core/log/merkle.ts';
import { parseNote } from '@assay/core/log/note.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import type { CatalogueEntry } from '@assay/core/node/catalogue.ts';
import type { Conflict } from '@assay/core/node/stores.ts';
import { rootOf } from '@assay/core/node/artifact-pack.ts';
import { bitmapIndices } from '@assay/core/records/bitmap.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import { setForSize, setOfEpoch } from '@assay/core/records/network.ts';
import type { Artifact, NetworkTrust } from '@assay/core/records/types.ts';
import type { PackInfo } from '@assay/core/swarm/block-store.ts';
import type * as api from '../../lib/node/api.ts';

/** The packs of the store by the hex of their root. */
export type Packs = ReadonlyMap<string, PackInfo>;

/** Orders packs so that those of an artifact are found. */
export function packsByRoot(packs: readonly PackInfo[]): Packs {
  return new Map(packs.map((pack) => [toHex(pack.root), pack]));
}

/** A version as lists show it; held when every artifact of it is stored whole. */
export function summaryView(entry: CatalogueEntry, packs: Packs): api.VersionSummary {
  const { index, record, name, version, time } = entry;
  return {
    purl: record.purl,
    name,
    version,
    description: record.about.description ?? '',
    index,
    ...(time !== undefined && { time }),
    held: record.artifacts.every((artifact) => packOf(artifact, packs)?.complete === true),
  };
}

/** A version with its artifacts and those who vouch for it. */
export function versionView(entry: CatalogueEntry, packs: Packs, trust: NetworkTrust): api.VersionView {
  const { record } = entry;
  const { authorities } = setOfEpoch(trust, record.epoch) ?? trust.current;
  return {
    summary: summaryView(entry, packs),
    record,
    about: record.about,
    artifacts: record.artifacts.map((artifact) => artifactView(artifact, packs)),
    method: record.provenance.method,
    builders: (bitmapIndices(record.provenance.builders, authorities.length) ?? []).map(
      (index) => authorities[index]?.name ?? String(index),
    ),
  };
}

/** A log entry, decoded again from its bytes. */
export function entryView(index: number, bytes: Uint8Array): api.EntryView {
  return { index, record: unwrap(decodeRecord(bytes)), bytes, leafHash: toHex(leafHash(bytes)) };
}

/** The checkpoint that everything rests on, cosigners under their short names. */
export function checkpointView(checkpoint: VerifiedCheckpoint, trust: NetworkTrust): api.CheckpointView {
  const { bytes, size, root, freshAsOf, cosigners } = checkpoint;
  return {
    text: unwrap(fromUtf8(bytes)),
    size,
    root: toHex(root),
    freshAsOf,
    cosigners: cosigners.map(({ name, time }) => ({ name: shortName(name, trust), time })),
    quorum: setForSize(trust, size).policy.quorum,
  };
}

/** Two checkpoints in conflict, and the authorities whose signatures stand under both. */
export function conflictView(
  { first, second, signers: names, proof }: Conflict,
  trust: NetworkTrust,
): NonNullable<api.NodeStatus['conflict']> {
  const signers = (note: Uint8Array): ReadonlySet<string> =>
    new Set(unwrap(parseNote(note)).signatures.map(({ name }) => name));
  const ofFirst = signers(first);
  const ofSecond = signers(second);
  const isCosigner = (name: string) => name.startsWith(`${trust.genesis.origin}/`);
  const common = proof?.common?.size;
  return {
    names:
      names ??
      [...ofFirst]
        .filter((name) => isCosigner(name) && ofSecond.has(name))
        .map((name) => shortName(name, trust)),
    ...(common !== undefined && { common }),
    first: unwrap(fromUtf8(first)),
    second: unwrap(fromUtf8(second)),
  };
}

/** What pages show of the network: its name and its newest authorities. */
export function networkFacts(trust: NetworkTrust): NonNullable<api.NodeStatus['network']> {
  return {
    id: toHex(trust.networkId),
    origin: trust.genesis.origin,
    authorities: trust.current.authorities.length,
    quorum: trust.current.policy.quorum,
  };
}

/** A stored pack. */
export function storedView(pack: PackInfo): api.StorageView['artifacts'][number] {
  const { purl, name, bytes, complete, pinned, lastUsed } = pack;
  return { purl, artifact: name, bytes, complete, pinned, lastUsed };
}

function artifactView(artifact: Artifact, packs: Packs): api.VersionView['artifacts'][number] {
  const pack = packOf(artifact, packs);
  return {
    name: artifact.name,
    size: artifact.size,
    sha256: toHex(artifact.sha256),
    urn: toUrn(unwrap(decodeCapability(artifact.eris))),
    held: pack?.complete === true,
    pinned: pack?.pinned === true,
  };
}

function packOf(artifact: Artifact, packs: Packs): PackInfo | undefined {
  return packs.get(toHex(rootOf(artifact)));
}

/** The name of the authority that cosigns as `<origin>/<authority>`. */
export function shortName(cosigner: string, { genesis }: NetworkTrust): string {
  return cosigner.startsWith(`${genesis.origin}/`) ? cosigner.slice(genesis.origin.length + 1) : cosigner;
}
