import type { SignatureCheck } from '../archive/attestation.ts';
import { arrayOf, bytes, decodeWith, literal, shape } from '../encoding/cbor-shape.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { formatCheckpointBody } from '../log/checkpoint.ts';
import { cosignatureMessage } from '../log/cosignature.ts';
import { HASH_BYTES, leafHash, verifyInclusion } from '../log/merkle.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { cosignerName, makeAuthoritySet, type AuthoritySet } from './authority-set.ts';
import { decodeRecord } from './codec.ts';
import { MAX_PROOF_HASHES } from './limits.ts';
import type { EpochHandoffRecord, StateRecord } from './types.ts';

/**
 * What proves, to whoever trusts the authorities of one epoch, who the authorities of the next are. A chain of links leads from
 * genesis to any later epoch without the log in between.
 */
export interface HandoffLink {
  /** The `epoch-handoff` entry of the new epoch, as it is in the log. */
  readonly handoff: Uint8Array;
  /** The state record of the batch that closed the epoch before: the last entry of the tree that the hand-off names. */
  readonly state: Uint8Array;
  /** Inclusion of `state` in that tree, 32-byte hashes. */
  readonly proof: readonly Uint8Array[];
}

/** Longest encoded link: two entries, a proof and what CBOR needs around them. */
export const MAX_HANDOFF_LINK_BYTES = 2 * MAX_ENTRY_BYTES + MAX_PROOF_HASHES * (HASH_BYTES + 2) + 64;

const readLink = shape({
  v: literal(1),
  handoff: bytes({ maxLength: MAX_ENTRY_BYTES }),
  state: bytes({ maxLength: MAX_ENTRY_BYTES }),
  proof: arrayOf(bytes({ length: HASH_BYTES }), { max: MAX_PROOF_HASHES }),
});

/** Where a log directory keeps the link that leads to `epoch`. */
export function handoffPath(epoch: number): string {
  return `handoff/${epoch}`;
}

/** The bytes of a link as they are served and stored: canonical CBOR. */
export function encodeHandoffLink({ handoff, state, proof }: HandoffLink): Uint8Array {
  return encodeCbor({ v: 1, handoff, state, proof });
}

/** Reads the form of a link; `judgeLink` and its signatures say what it is worth. Total. */
export function decodeHandoffLink(encoded: Uint8Array): Result<HandoffLink> {
  const link = decodeWith(encoded, readLink, { maxBytes: MAX_HANDOFF_LINK_BYTES });
  if (!link.ok) return link;
  const { handoff, state, proof } = link.value;
  return ok({ handoff, state, proof });
}

/** What holds once every one of `signatures` is valid. */
export interface JudgedHandoff {
  readonly record: EpochHandoffRecord;
  /** The set of the new epoch. */
  readonly next: AuthoritySet;
  /** Cosignatures of the old set over the tree it ended with. */
  readonly signatures: readonly SignatureCheck[];
}

/**
 * Judges the hand-off record by which `set` of the log `origin` ends, all but the signatures: it names the next epoch, a tree of
 * this epoch, exactly a quorum of cosigners. That the new set is the one the tree announces is for `judgeLink`, or whoever has
 * the tree. Fails with `E_HANDOFF`.
 */
export function judgeHandoff(
  set: AuthoritySet,
  origin: string,
  record: EpochHandoffRecord,
): Result<JudgedHandoff> {
  const { epoch, size, root, cosignatures, authorities } = record;
  const refused = (reason: string) => fail('E_HANDOFF', { epoch, reason });
  if (epoch !== set.epoch + 1) return refused(`it follows on epoch ${epoch - 1}, not on ${set.epoch}`);
  if (size <= set.since) return refused('the tree it names is older than the epoch it ends');
  if (cosignatures.length !== set.policy.quorum) {
    return refused(`it has ${cosignatures.length} cosignatures; it must have exactly ${set.policy.quorum}`);
  }
  const body = formatCheckpointBody({ origin, size, root, extensions: [] });
  const signatures: SignatureCheck[] = [];
  for (const { authority, time, signature } of cosignatures) {
    const cosigner = set.authorities[authority];
    if (cosigner === undefined) return refused('it is cosigned by somebody who is not in the set');
    const name = cosignerName(origin, cosigner.name);
    signatures.push({
      name,
      publicKey: cosigner.cosignKey,
      message: cosignatureMessage(body, time),
      signature,
    });
  }
  const next = makeAuthoritySet(origin, { epoch, authorities, limits: set.limits, since: size });
  return ok({ record, next, signatures });
}

/**
 * Judges a link on its own, all but the signatures: besides the hand-off, the state record closes the old epoch, announces the
 * very set that the hand-off names, and is the last entry of the tree that the old set cosigned.
 */
export function judgeLink(set: AuthoritySet, origin: string, link: HandoffLink): Result<JudgedHandoff> {
  const handoff = decodeRecord(link.handoff);
  if (!handoff.ok) return handoff;
  const refused = (reason: string) => fail('E_HANDOFF', { epoch: set.epoch + 1, reason });
  if (handoff.value.kind !== 'epoch-handoff')
    return refused(`it holds a record of kind ${handoff.value.kind}`);
  const judged = judgeHandoff(set, origin, handoff.value);
  if (!judged.ok) return judged;
  const state = readClosingState(link.state);
  if (!state.ok) return state;
  const { size, root } = judged.value.record;
  if (state.value?.epoch !== set.epoch) return refused('it has no state record of the epoch that ends');
  if (!equalBytes(state.value.setHash, judged.value.next.setHash)) {
    return refused('the epoch before announced another set of authorities');
  }
  const included = verifyInclusion(leafHash(link.state), size - 1, size, link.proof, root);
  return included.ok ? judged : included;
}

function readClosingState(entry: Uint8Array): Result<StateRecord | undefined> {
  const record = decodeRecord(entry);
  if (!record.ok) return record;
  return ok(record.value.kind === 'state' ? record.value : undefined);
}
