import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { bitmapIndices } from '@assay/core/records/bitmap.ts';
import { checkTransaction, type JudgeOffence } from '@assay/core/records/check-transaction.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import type { EpochContext } from '@assay/core/records/epoch-context.ts';
import { MAX_TRANSACTION_BYTES } from '@assay/core/records/limits.ts';
import { decodeTransaction, type Transaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { hashBytes } from './block.ts';
import type { CheckedTransaction } from './checked-transaction.ts';
import type { TreeHead } from './cosignature.ts';
import type { Era } from './era.ts';
import { decodeEvidence, judgeEvidence } from './evidence.ts';
import type { CheckTransaction } from './ledger.ts';

/** Verdicts kept: a full block's transactions are checked when they arrive, when proposed and when executed. */
const MAX_KEPT = 512;

/** What every check of one network has in common. */
export interface CheckerParts {
  readonly trust: NetworkTrust;
  /** The tree of the genesis batch, with which epoch 1 began. */
  readonly genesis: TreeHead;
  readonly verify: VerifyEd25519;
}

/** Checks transactions against the authority set of an epoch, each one once: the verdict depends on nothing but the two. */
export function createTransactionChecker(parts: CheckerParts): CheckTransaction {
  const verdicts = new Map<string, Result<CheckedTransaction>>();
  return (bytes, era) => {
    if (bytes.length > MAX_TRANSACTION_BYTES) {
      return fail('E_CONSENSUS_MESSAGE', { reason: `a transaction of ${bytes.length} bytes` });
    }
    const hash = toHex(sha256(bytes));
    // Set and tree: the epoch as one history has it, should two networks of a test share a checker.
    const key = `${era.epoch} ${era.setHash} ${era.closings.at(-1)?.head.root ?? ''} ${hash}`;
    const kept = verdicts.get(key);
    if (kept !== undefined) return kept;
    const verdict = check(bytes, hash, era, parts);
    const [oldest] = verdicts.keys();
    if (verdicts.size >= MAX_KEPT && oldest !== undefined) verdicts.delete(oldest);
    verdicts.set(key, verdict);
    return verdict;
  };
}

/** What the rules of transactions ask of an epoch: the sets up to it, and the tree it began with. */
export function epochContextOf(
  { trust, genesis }: Pick<CheckerParts, 'trust' | 'genesis'>,
  { sets, set, closings }: Era,
): EpochContext {
  const { size, root } = closings.at(-1)?.head ?? genesis;
  return { trust: { ...trust, sets, current: set }, set, start: { size, root: hashBytes(root) } };
}

function check(bytes: Uint8Array, hash: string, era: Era, parts: CheckerParts): Result<CheckedTransaction> {
  const transaction = decodeTransaction(bytes);
  if (!transaction.ok) return transaction;
  const context = epochContextOf(parts, era);
  const { verify, trust } = parts;
  const judgeOffence: JudgeOffence = (evidence) => {
    const decoded = decodeEvidence(evidence);
    if (!decoded.ok) return decoded;
    const { origin } = trust.genesis;
    const accused = judgeEvidence(
      { chain: toHex(trust.networkId), origin, sets: era.sets, verify },
      decoded.value,
    );
    return accused === undefined
      ? fail('E_EQUIVOCATION', { reason: 'it does not show what it says' })
      : ok(accused);
  };
  const checked = checkTransaction(transaction.value, context, { verify, judgeOffence });
  if (!checked.ok) return checked;
  const { value } = checked;
  const { records } = value;
  const common = { bytes, hash, records, entries: records.map(encodeRecord) };
  switch (value.kind) {
    case 'artifact-add': {
      const [{ purl }] = value.records;
      const attestations = attestationsIn(transaction.value);
      return ok({ ...common, kind: value.kind, purl, attestations, evidence: [value.evidence] });
    }
    case 'authority-change': {
      const { changes, freshKeys } = value;
      const [first] = value.records;
      const approvals = bitmapIndices(first?.approvals ?? new Uint8Array(0), era.count)?.length ?? 0;
      return ok({ ...common, kind: value.kind, changes, freshKeys, approvals, evidence: [value.evidence] });
    }
    case 'equivocation':
      return ok({ ...common, kind: value.kind, name: value.records[0].name, evidence: [value.evidence] });
    case 'epoch-handoff':
      return ok({ ...common, kind: value.kind, root: toHex(value.records[0].root), evidence: [] });
    default:
      return value satisfies never;
  }
}

function attestationsIn(transaction: Transaction): number {
  return transaction.kind === 'artifact-add' ? transaction.agree.length + transaction.dissent.length : 0;
}
