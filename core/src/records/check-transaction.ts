import type { SignatureCheck } from '../archive/attestation.ts';
import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { evidenceBundle, judgeAgreement } from './agreement.ts';
import { checkChange, type CheckedChange } from './check-change.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import type { EpochContext } from './epoch-context.ts';
import { judgeHandoff } from './handoff.ts';
import { setOfEpoch } from './network.ts';
import { recordOf } from './proposal.ts';
import type {
  AddTransaction,
  EquivocationTransaction,
  HandoffTransaction,
  Transaction,
} from './transaction.ts';
import type {
  ArtifactAddRecord,
  AuthorityIdentity,
  EpochHandoffRecord,
  EquivocationRecord,
  NetworkTrust,
  Offence,
} from './types.ts';

/** What two signed statements show. */
export interface ProvenOffence {
  /** The epoch in which they were signed. */
  readonly epoch: number;
  /** Who signed them. */
  readonly name: string;
  readonly offence: Offence;
}

/** Reads two signed statements and checks their signatures: only consensus knows their form. Total. */
export type JudgeOffence = (evidence: Uint8Array, trust: NetworkTrust) => Result<ProvenOffence>;

/** What the check of a transaction needs of the world. */
export interface TransactionPorts {
  readonly verify: VerifyEd25519;
  readonly judgeOffence: JudgeOffence;
}

/** A valid addition: the record, and the bundle that the record's `evidence` names. */
export interface CheckedAdd {
  readonly kind: 'artifact-add';
  readonly records: readonly [ArtifactAddRecord];
  readonly evidence: Uint8Array;
}

/** A valid report of an equivocation: the record, and the statements that its `evidence` names. */
export interface CheckedEquivocation {
  readonly kind: 'equivocation';
  readonly records: readonly [EquivocationRecord];
  readonly evidence: Uint8Array;
}

/** A valid hand-off, as far as it can be said without the log: whether it names its tree and its announced set is for the ledger. */
export interface CheckedHandoff {
  readonly kind: 'epoch-handoff';
  readonly records: readonly [EpochHandoffRecord];
}

/** A valid transaction's effect: the records it adds, and the file that they name as their evidence. */
export type CheckedTransaction = CheckedAdd | CheckedChange | CheckedEquivocation | CheckedHandoff;

/**
 * Whether a transaction is valid in an epoch. A pure function of the arguments; what depends on the log before it (a version
 * that is there already, a member suspended already, an epoch that is closed) is for the ledger and `LogState` to say.
 */
export function checkTransaction(
  transaction: Transaction,
  context: EpochContext,
  ports: TransactionPorts,
): Result<CheckedTransaction> {
  switch (transaction.kind) {
    case 'artifact-add':
      return checkAdd(transaction, context, ports.verify);
    case 'authority-change':
      return checkChange(transaction, context, ports.verify);
    case 'equivocation':
      return checkEquivocation(transaction, context, ports.judgeOffence);
    case 'epoch-handoff':
      return checkHandoff(transaction, context.trust, ports.verify);
  }
}

/** Whether a quorum of the epoch's authorities, each with a valid signature, attests to exactly this proposal. */
export function checkAdd(
  transaction: AddTransaction,
  { trust, set }: Pick<EpochContext, 'trust' | 'set'>,
  verify: VerifyEd25519,
): Result<CheckedAdd> {
  const { proposal, agree, dissent } = transaction;
  const { epoch, limits } = set;
  if (proposal.artifacts.some(({ size }) => size > limits.maxArtifactBytes)) {
    return fail('E_TRANSACTION_FORM', {
      reason: `an artifact is larger than ${limits.maxArtifactBytes} bytes`,
    });
  }
  const judged = judgeAgreement({ agree, dissent }, proposal, trust, set);
  if (!judged.ok) return judged;
  const signed = checkSignatures(judged.value.signatures, verify);
  if (!signed.ok) return signed;
  const evidence = evidenceBundle(agree, dissent);
  const { builders } = judged.value.agreement;
  const record = recordOf(proposal, { epoch, builders, evidence: sha256(evidence) });
  return fitsEntry(record)
    ? ok({ kind: 'artifact-add', records: [record], evidence })
    : fail('E_TRANSACTION_FORM', { reason: `its record does not fit into ${MAX_ENTRY_BYTES} bytes` });
}

/** Whether the statements show this offence, by a member of the set that has been the same member ever since. */
function checkEquivocation(
  { epoch, name, offence, evidence }: EquivocationTransaction,
  { trust, set }: EpochContext,
  judge: JudgeOffence,
): Result<CheckedEquivocation> {
  const refused = (reason: string) => fail('E_EQUIVOCATION', { reason });
  if (epoch !== set.epoch) return refused(`it is reported for epoch ${epoch}, not for ${set.epoch}`);
  const judged = judge(evidence, trust);
  if (!judged.ok) return judged;
  const proven = judged.value;
  if (proven.name !== name || proven.offence !== offence)
    return refused('it shows something else than it says');
  if (proven.epoch < 1 || proven.epoch > set.epoch) return refused('it names an epoch that has not been');
  const since = [...trust.sets.slice(proven.epoch - 1, set.epoch - 1), set];
  const held = since.map(({ authorities }) => authorities.find((one) => one.name === name));
  const now = held.at(-1);
  // Who was out in between, or joined anew, has been judged by those who let it in again: what it did before is over.
  if (now === undefined || !held.every((one) => one !== undefined && isSameMember(one, now))) {
    return refused(`${name} is not in the set, or has not been the same member since`);
  }
  const record: EquivocationRecord = {
    kind: 'equivocation',
    v: 1,
    epoch,
    name,
    offence,
    evidence: sha256(evidence),
  };
  return ok({ kind: 'equivocation', records: [record], evidence });
}

/** Vote and cosign keys may change with every epoch; log and build key change only when an authority joins anew. */
function isSameMember(a: AuthorityIdentity, b: AuthorityIdentity): boolean {
  return equalBytes(a.logKey, b.logKey) && equalBytes(a.buildKey, b.buildKey);
}

function checkHandoff(
  transaction: HandoffTransaction,
  trust: NetworkTrust,
  verify: VerifyEd25519,
): Result<CheckedHandoff> {
  const record = decodeRecord(transaction.record);
  if (!record.ok) return record;
  if (record.value.kind !== 'epoch-handoff') {
    return fail('E_TRANSACTION_FORM', { reason: `it holds a record of kind ${record.value.kind}` });
  }
  const { epoch } = record.value;
  const before = setOfEpoch(trust, epoch - 1);
  if (before === undefined) {
    return fail('E_EPOCH_UNKNOWN', { epoch: epoch - 1, newest: trust.current.epoch });
  }
  const judged = judgeHandoff(before, trust.genesis.origin, record.value);
  if (!judged.ok) return judged;
  const signed = checkSignatures(judged.value.signatures, verify);
  return signed.ok ? ok({ kind: 'epoch-handoff', records: [record.value] }) : signed;
}

function checkSignatures(checks: readonly SignatureCheck[], verify: VerifyEd25519): Result<void> {
  const forged = checks.find(({ publicKey, message, signature }) => !verify(publicKey, message, signature));
  return forged === undefined ? ok(undefined) : fail('E_SIGNATURE', { name: forged.name });
}

function fitsEntry(record: ArtifactAddRecord): boolean {
  try {
    encodeRecord(record);
    return true;
  } catch {
    return false;
  }
}
