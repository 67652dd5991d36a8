import { MAX_TRANSACTION_BYTES } from '@assay/core/records/limits.ts';
import { proposalDigest, type ProposedAdd } from '@assay/core/records/proposal.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import type { Answer, Group } from './round.ts';

/** Room for the proposal and the framing of a transaction beside its envelopes. */
const PROPOSAL_ROOM_BYTES = 32 * 1024;

/**
 * The transaction in which `group` agrees and `dissent` says otherwise; undefined when `proposal` is not what the group saw. If
 * not all dissent fits, the shortest statements go in.
 */
export function assembleTransaction(
  proposal: ProposedAdd,
  group: Group,
  dissent: readonly Answer[],
): Uint8Array | undefined {
  if (toHex(proposalDigest(proposal)) !== group.digest) return undefined;
  const agree = envelopesInOrder(group.answers);
  let room = MAX_TRANSACTION_BYTES - PROPOSAL_ROOM_BYTES - sizeOf(agree);
  const fitting = dissent
    .toSorted((one, other) => one.envelope.length - other.envelope.length)
    .filter(({ envelope }) => (room -= envelope.length + ENVELOPE_FRAME_BYTES) >= 0);
  return encodeTransaction({
    v: 1,
    kind: 'artifact-add',
    proposal,
    agree,
    dissent: envelopesInOrder(fitting),
  });
}

/** A CBOR byte string of this size has a head of at most this many bytes. */
const ENVELOPE_FRAME_BYTES = 5;

/** In the order of the set, so that all who have the same answers make the same evidence. */
function envelopesInOrder(answers: readonly Answer[]): Uint8Array[] {
  return answers
    .toSorted((one, other) => one.attestation.authority - other.attestation.authority)
    .map(({ envelope }) => envelope);
}

function sizeOf(envelopes: readonly Uint8Array[]): number {
  return envelopes.reduce((sum, { length }) => sum + length + ENVELOPE_FRAME_BYTES, 0);
}
