import { genesisBatch } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { Batch } from '../log-writer/batch.ts';
import { hashBytes } from './block.ts';
import type { TreeHead } from './cosignature.ts';
import type { FinalBlock } from './events.ts';
import { batchEntries, type LedgerRules } from './ledger.ts';
import type { State } from './state.ts';
import type { ConsensusStore, StoredBlock } from './store.ts';

/** The first batch of the log. `genesis` is the state at height 0. */
export function firstBatch(trust: NetworkTrust, genesis: State): Batch {
  const { size, root } = genesis.final.ledger;
  return { height: 0, firstIndex: 0, entries: genesisBatch(trust), evidence: [], size, root };
}

/** What a block that just became final appends. */
export function batchOf({ block, execution, firstIndex }: FinalBlock): Batch {
  const { height, post } = block.header;
  const evidence = execution.transactions.map((transaction) => transaction.evidence);
  return { height, firstIndex, entries: execution.entries, evidence, size: post.size, root: post.root };
}

/** The same out of the database. */
export function storedBatch({ block, batches }: StoredBlock, rules: LedgerRules): Batch {
  const { height, time, txCount, post } = block.header;
  const firstIndex = txCount === 0 ? post.size : post.size - txCount - 1;
  const checked = block.transactions.map((bytes) => unwrap(rules.check(bytes)));
  const entries =
    txCount === 0
      ? []
      : batchEntries(
          checked,
          { batch: batches, time, prevSize: firstIndex, mapRoot: hashBytes(post.mapRoot) },
          rules,
        );
  const evidence = checked.map((transaction) => transaction.evidence);
  return { height, firstIndex, entries, evidence, size: post.size, root: post.root };
}

/** The heads of the log after each final block, newest first. */
export function* headsBackwards(store: ConsensusStore, height: number, genesis: State): Generator<TreeHead> {
  for (let at = height; at > 0; at--) {
    const stored = store.finalBlock(at);
    if (stored !== undefined && stored.block.header.txCount > 0) yield stored.block.header.post;
  }
  yield genesis.final.ledger;
}
