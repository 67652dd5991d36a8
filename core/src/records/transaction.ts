import { MAX_ENVELOPE_BYTES } from '../archive/dsse.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  literal,
  shape,
  variant,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { Result } from '../errors/result.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import type { EvidenceBundle } from './agreement.ts';
import { readAuthorityName } from './authority.ts';
import { MAX_AUTHORITIES, MAX_EQUIVOCATION_BYTES, MAX_TRANSACTION_BYTES } from './limits.ts';
import {
  ballotToCbor,
  changeToCbor,
  readBallot,
  readChanges,
  type Change,
  type MembershipBallot,
} from './membership.ts';
import { readOffence } from './membership-records.ts';
import { proposalToCbor, readProposal, type ProposedAdd } from './proposal.ts';
import type { Offence } from './types.ts';

/** A proposal with every attestation that makes it valid, so that no vote waits for a build. */
export interface AddTransaction extends EvidenceBundle {
  readonly v: 1;
  readonly kind: 'artifact-add';
  readonly proposal: ProposedAdd;
}

/** A change of the authority set with every ballot that makes it valid. It closes the epoch. */
export interface AuthorityChangeTransaction {
  readonly v: 1;
  readonly kind: 'authority-change';
  /** The epoch in force. */
  readonly epoch: number;
  /** By ascending name. */
  readonly changes: readonly Change[];
  /** By ascending index of the authority. */
  readonly ballots: readonly MembershipBallot[];
}

/** The report of an authority that said two things. */
export interface EquivocationTransaction {
  readonly v: 1;
  readonly kind: 'equivocation';
  /** The epoch in force. */
  readonly epoch: number;
  readonly name: string;
  readonly offence: Offence;
  /** The two signed statements, in the format of consensus. */
  readonly evidence: Uint8Array;
}

/** The first transaction of an epoch: the authorities before hand over. */
export interface HandoffTransaction {
  readonly v: 1;
  readonly kind: 'epoch-handoff';
  /** The `epoch-handoff` entry. */
  readonly record: Uint8Array;
}

/** What consensus orders. Its validity is a pure function of its bytes and the epoch's beginning. */
export type Transaction =
  AddTransaction | AuthorityChangeTransaction | EquivocationTransaction | HandoffTransaction;

const envelopes = arrayOf(bytes({ maxLength: MAX_ENVELOPE_BYTES }), { max: MAX_AUTHORITIES });
const epoch = int({ min: 1 });

const readTransaction: Reader<Transaction> = variant('kind', {
  'artifact-add': shape({
    v: literal(1),
    kind: literal('artifact-add'),
    proposal: readProposal,
    agree: envelopes,
    dissent: envelopes,
  }),
  'authority-change': shape({
    v: literal(1),
    kind: literal('authority-change'),
    epoch,
    changes: readChanges,
    ballots: arrayOf(readBallot, { min: 1, max: MAX_AUTHORITIES }),
  }),
  equivocation: shape({
    v: literal(1),
    kind: literal('equivocation'),
    epoch,
    name: readAuthorityName,
    offence: readOffence,
    evidence: bytes({ maxLength: MAX_EQUIVOCATION_BYTES }),
  }),
  'epoch-handoff': shape({
    v: literal(1),
    kind: literal('epoch-handoff'),
    record: bytes({ maxLength: MAX_ENTRY_BYTES }),
  }),
});

/** The canonical bytes of a transaction. Throws `E_TRANSACTION_FORM` above `MAX_TRANSACTION_BYTES`. */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const encoded = encodeCbor(transactionToCbor(transaction));
  if (encoded.length > MAX_TRANSACTION_BYTES) {
    throw new AssayError('E_TRANSACTION_FORM', { reason: `more than ${MAX_TRANSACTION_BYTES} bytes` });
  }
  return encoded;
}

/** Reads a transaction's form; `checkTransaction` says whether it is valid. Total. */
export function decodeTransaction(encoded: Uint8Array): Result<Transaction> {
  return decodeWith(encoded, readTransaction, { maxBytes: MAX_TRANSACTION_BYTES });
}

function transactionToCbor(transaction: Transaction): CborMap {
  switch (transaction.kind) {
    case 'artifact-add': {
      const { v, kind, proposal, agree, dissent } = transaction;
      return { v, kind, proposal: proposalToCbor(proposal), agree, dissent };
    }
    case 'authority-change': {
      const { v, kind, epoch: number, changes, ballots } = transaction;
      return {
        v,
        kind,
        epoch: number,
        changes: changes.map(changeToCbor),
        ballots: ballots.map(ballotToCbor),
      };
    }
    case 'equivocation':
    case 'epoch-handoff':
      return { ...transaction };
  }
}
