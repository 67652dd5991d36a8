import { decodeRecord } from '@assay/core/records/codec.ts';
import { decodeTransaction } from '@assay/core/records/transaction.ts';
import type { DisagreementNotice, EquivocationNotice, MembershipNotice } from './consensus.ts';
import type { Era } from './era.ts';
import type { FinalBlock } from './events.ts';
import type { ConsensusStore } from './store.ts';

/** Notices kept of each kind. */
const MAX_NOTICES = 20;
/** Blocks looked through after a restart: a second's work at most. */
const MAX_BLOCKS_BACK = 1000;

/** What an operator wants to know of the newest blocks: who contradicted itself, what builders did not agree on. */
export class History {
  #equivocations: EquivocationNotice[] = [];
  #disagreements: DisagreementNotice[] = [];
  #dissents = 0;

  get equivocations(): readonly EquivocationNotice[] {
    return this.#equivocations;
  }

  get disagreements(): { readonly count: number; readonly latest: readonly DisagreementNotice[] } {
    return { count: this.#dissents, latest: this.#disagreements };
  }

  /** Reads the newest blocks of the database. */
  load(store: Pick<ConsensusStore, 'finalBlock'>, height: number): void {
    for (let at = Math.max(1, height - MAX_BLOCKS_BACK); at <= height; at++) {
      const block = store.finalBlock(at)?.block;
      if (block !== undefined) this.#note(block.transactions, block.header.post.size);
    }
  }

  /** Takes in a block that became final. */
  add({ block }: FinalBlock): void {
    this.#note(block.transactions, block.header.post.size);
  }

  /** Records stand in the order of their transactions, and before the state record. */
  #note(transactions: readonly Uint8Array[], size: number): void {
    const decoded = transactions.map((bytes) => decodeTransaction(bytes));
    const counts = decoded.map((one) =>
      one.ok && one.value.kind === 'authority-change' ? one.value.changes.length : 1,
    );
    let index = size - 1 - counts.reduce((total, count) => total + count, 0);
    for (const [at, one] of decoded.entries()) {
      if (one.ok && one.value.kind === 'equivocation') {
        const { name, offence, epoch } = one.value;
        this.#equivocations = [...this.#equivocations, { name, offence, epoch, index }].slice(-MAX_NOTICES);
      }
      if (one.ok && one.value.kind === 'artifact-add' && one.value.dissent.length > 0) {
        const { proposal, agree, dissent } = one.value;
        const notice = { purl: proposal.purl, index, agree: agree.length, dissent: dissent.length };
        this.#dissents++;
        this.#disagreements = [...this.#disagreements, notice].slice(-MAX_NOTICES);
      }
      index += counts[at] ?? 1;
    }
  }
}

/** How the set of each epoch differs from the one before, the newest last. */
export function membershipIn({ sets, closings }: Era): MembershipNotice[] {
  return sets.slice(1).map(({ epoch, since, authorities }, at) => {
    const before = sets[at]?.authorities.map(({ name }) => name) ?? [];
    const names = authorities.map(({ name }) => name);
    const state = closings[at] && decodeRecord(closings[at].state);
    const time = state?.ok === true && state.value.kind === 'state' ? state.value.time : 0;
    const added = names.filter((name) => !before.includes(name));
    return { epoch, since, added, removed: before.filter((name) => !names.includes(name)), time };
  });
}
