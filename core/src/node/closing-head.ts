import { unwrap } from '../errors/result.ts';
import { formatCheckpointBody } from '../log/checkpoint.ts';
import { encodeCosignature } from '../log/cosignature.ts';
import { COSIGNATURE_TYPE, formatNote, keyId } from '../log/note.ts';
import { cosignerName } from '../records/authority-set.ts';
import { decodeRecord } from '../records/codec.ts';
import type { HandoffLink } from '../records/handoff.ts';
import { setForSize, setOfEpoch } from '../records/network.ts';
import type { EpochHandoffRecord, NetworkTrust } from '../records/types.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { TreeHead } from './authentic-log.ts';
import type { Anchor } from './stores.ts';

/** A tree head, the note it was signed in and who signed it. */
export interface SignedHead extends TreeHead {
  /** Signed note. That of a tree which an epoch ended with has cosignatures only: the hand-off does not carry the log's own line. */
  readonly note: Uint8Array;
  /** Epoch of the signers. */
  readonly epoch: number;
  /** Names of the authorities that cosigned. */
  readonly signers: readonly string[];
}

/** The tree that an epoch ended with, as the hand-off that leads to `epoch` names it. The link must have been checked. */
export function closingHead(trust: NetworkTrust, epoch: number): SignedHead {
  const link = trust.links[epoch - 2];
  if (link === undefined) throw new AssayError('E_EPOCH_UNKNOWN', { epoch, newest: trust.current.epoch });
  return headOfLink(trust, link);
}

/** The tree that a checked hand-off names; `trust` knows the epoch that it ends. */
export function headOfLink(trust: NetworkTrust, link: HandoffLink): SignedHead {
  const { epoch, size, root, cosignatures } = handoffOf(link);
  const { origin } = trust.genesis;
  const old = setOfEpoch(trust, epoch - 1);
  const lines = cosignatures.flatMap(({ authority, time, signature }) => {
    const cosigner = old?.authorities[authority];
    if (cosigner === undefined) return [];
    const name = cosignerName(origin, cosigner.name);
    const id = keyId(name, COSIGNATURE_TYPE, cosigner.cosignKey);
    return [
      { author: cosigner.name, line: { name, keyId: id, signature: encodeCosignature(time, signature) } },
    ];
  });
  const body = formatCheckpointBody({ origin, size, root, extensions: [] });
  return {
    size,
    root,
    note: formatNote(
      body,
      lines.map(({ line }) => line),
    ),
    epoch: epoch - 1,
    signers: lines.map(({ author }) => author),
  };
}

/** A verified checkpoint as a signed head. */
export function headOfCheckpoint(trust: NetworkTrust, checkpoint: VerifiedCheckpoint): SignedHead {
  const { size, root, bytes, cosigners } = checkpoint;
  const prefix = cosignerName(trust.genesis.origin, '').length;
  return {
    size,
    root,
    note: bytes,
    epoch: setForSize(trust, size).epoch,
    signers: cosigners.map(({ name }) => name.slice(prefix)),
  };
}

/** What a node stands on; who signed it is known where its checkpoint could be verified. */
export function headOfAnchor(
  trust: NetworkTrust,
  anchor: Anchor,
  checkpoint?: VerifiedCheckpoint,
): SignedHead {
  if (checkpoint !== undefined) return headOfCheckpoint(trust, checkpoint);
  const { size, root, checkpoint: note } = anchor;
  return { size, root, note, epoch: setForSize(trust, size).epoch, signers: [] };
}

/** The record inside a checked link. */
export function handoffOf({ handoff }: HandoffLink): EpochHandoffRecord {
  const record = unwrap(decodeRecord(handoff));
  if (record.kind === 'epoch-handoff') return record;
  throw new AssayError('E_HANDOFF', { epoch: 0, reason: `it holds a record of kind ${record.kind}` });
}
