import type { VerifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { checkAdd } from '@assay/core/records/check-transaction.ts';
import { decodeTransaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { MAX_TRANSACTION_BYTES } from '@assay/core/records/limits.ts';
import type { CheckedTransaction, CheckTransaction } from './ledger.ts';

/** Verdicts kept: a full block's transactions are checked when they arrive, when proposed and when executed. */
const MAX_KEPT = 512;

/** Checks transactions against the authority set, each one once: the verdict depends on nothing but its bytes. */
export function createTransactionChecker(trust: NetworkTrust, verify: VerifyEd25519): CheckTransaction {
  const verdicts = new Map<string, Result<CheckedTransaction>>();
  return (bytes) => {
    if (bytes.length > MAX_TRANSACTION_BYTES) {
      return fail('E_CONSENSUS_MESSAGE', { reason: `a transaction of ${bytes.length} bytes` });
    }
    const hash = toHex(sha256(bytes));
    const kept = verdicts.get(hash);
    if (kept !== undefined) return kept;
    const verdict = check(bytes, hash, trust, verify);
    const [oldest] = verdicts.keys();
    if (verdicts.size >= MAX_KEPT && oldest !== undefined) verdicts.delete(oldest);
    verdicts.set(hash, verdict);
    return verdict;
  };
}

function check(
  bytes: Uint8Array,
  hash: string,
  trust: NetworkTrust,
  verify: VerifyEd25519,
): Result<CheckedTransaction> {
  const transaction = decodeTransaction(bytes);
  if (!transaction.ok) return transaction;
  if (transaction.value.kind !== 'artifact-add') {
    return fail('E_CONSENSUS_MESSAGE', { reason: `a transaction of kind ${transaction.value.kind}` });
  }
  const checked = checkAdd(transaction.value, { trust, set: trust.current }, verify);
  if (!checked.ok) return checked;
  const { records, evidence } = checked.value;
  const [record] = records;
  const attestations = transaction.value.agree.length + transaction.value.dissent.length;
  return ok({ bytes, hash, purl: record.purl, attestations, entry: encodeRecord(record), evidence });
}
