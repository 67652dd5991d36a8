import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fail, ok, type Result } from '@assay/core/errors/result.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { checkAdd } from '@assay/core/records/check-transaction.ts';
import { decodeTransaction, type AddTransaction } from '@assay/core/records/transaction.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Consensus, FinalBatch } from '../consensus/consensus.ts';

/** What the services of an authority use of consensus. */
export type ConsensusTwin = Pick<Consensus, 'submit' | 'find' | 'onFinal'>;

/** One log that all authorities of a test agree on at once: valid transactions become final in the order they come. */
export class LedgerTwin {
  readonly transactions: AddTransaction[] = [];
  /** While true, transactions are taken but nothing becomes final. */
  halted = false;
  /** Of the epoch in force: transactions of another one are refused. */
  trust: NetworkTrust;
  readonly #indices = new Map<string, number>();
  readonly #waiting = new Map<string, AddTransaction>();
  readonly #listeners = new Set<(final: FinalBatch) => void>();
  #size = 2;

  constructor(trust: NetworkTrust) {
    this.trust = trust;
  }

  /** The consensus of one authority. */
  member(): ConsensusTwin {
    return {
      submit: (transaction) => this.#submit(transaction),
      find: (purl) => this.#indices.get(purl),
      onFinal: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  /** Lets what waited become final. */
  resume(): void {
    this.halted = false;
    for (const transaction of this.#waiting.values()) this.#finalise(transaction);
    this.#waiting.clear();
  }

  /** Loses what waits, as a change of the epoch does to transactions of the old one. */
  forget(): void {
    this.#waiting.clear();
  }

  #submit(encoded: Uint8Array): Result<void> {
    const transaction = decodeTransaction(encoded);
    if (!transaction.ok) return transaction;
    if (transaction.value.kind !== 'artifact-add') throw new Error('only versions are added here');
    const checked = checkAdd(transaction.value, this.#context, verifyEd25519Node);
    if (!checked.ok) return checked;
    const { purl } = checked.value.records[0];
    const index = this.#indices.get(purl);
    if (index !== undefined) return fail('E_ALREADY_IN_LOG', { purl, index });
    this.#waiting.set(purl, transaction.value);
    if (!this.halted) setTimeout(() => this.resume(), 0);
    return ok(undefined);
  }

  get #context() {
    return { trust: this.trust, set: this.trust.current };
  }

  #finalise(transaction: AddTransaction): void {
    const { purl } = transaction.proposal;
    const checked = checkAdd(transaction, this.#context, verifyEd25519Node);
    if (this.#indices.has(purl) || !checked.ok) return;
    const index = this.#size;
    this.#size += 2;
    this.#indices.set(purl, index);
    this.transactions.push(transaction);
    const batch = { height: index / 2, entries: [{ index, bytes: encodeRecord(checked.value.records[0]) }] };
    for (const listener of this.#listeners) listener(batch);
  }
}
