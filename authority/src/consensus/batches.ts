import { encodeRecord } from '@assay/core/records/codec.ts';
import { encodeHandoffLink } from '@assay/core/records/handoff.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { Batch } from '../log-writer/batch.ts';
import { hashBytes, type Header } from './block.ts';
import type { CheckedTransaction } from './checked-transaction.ts';
import type { TreeHead } from './cosignature.ts';
import { eraAt, type Era, type Network } from './era.ts';
import type { FinalBlock } from './events.ts';
import type { State } from './state.ts';
import type { ConsensusStore, StoredBlock } from './store.ts';

/** The first batch of the log. `genesis` is the state at height 0. */
export function firstBatch(trust: NetworkTrust, genesis: State): Batch {
  const { size, root } = genesis.final.ledger;
  return { height: 0, firstIndex: 0, entries: genesisBatch(trust), evidence: [], size, root };
}

/** What a block that just became final appends. `era` is the present epoch or a later one. */
export function batchOf({ block, execution, firstIndex }: FinalBlock, era: Era): Batch {
  const { entries, transactions } = execution;
  return batchFrom(block.header, { entries, transactions, firstIndex }, era);
}

/** The same out of the database. */
export function storedBatch({ block, batches }: StoredBlock, network: Network, era: Era): Batch {
  const { height, epoch, time, txCount, post } = block.header;
  if (txCount === 0)
    return { height, firstIndex: post.size, entries: [], evidence: [], size: post.size, root: post.root };
  const then = eraAt(network, era, epoch);
  const transactions = block.transactions.map((bytes) => unwrap(network.checkTransaction(bytes, then)));
  const records = transactions.flatMap((transaction) => transaction.entries);
  const firstIndex = post.size - records.length - 1;
  const state = encodeRecord({
    kind: 'state',
    v: 1,
    epoch,
    height: batches,
    time,
    prevSize: firstIndex,
    mapRoot: hashBytes(post.mapRoot),
    setHash: hashBytes(post.nextSetHash),
    recordCount: records.length,
  });
  return batchFrom(block.header, { entries: [...records, state], transactions, firstIndex }, era);
}

/** The heads of the log after each final block, newest first. */
export function* headsBackwards(store: ConsensusStore, height: number, genesis: State): Generator<TreeHead> {
  for (let at = height; at > 0; at--) {
    const stored = store.finalBlock(at);
    if (stored !== undefined && stored.block.header.txCount > 0) yield stored.block.header.post;
  }
  yield genesis.final.ledger;
}

interface BatchParts {
  readonly entries: readonly Uint8Array[];
  readonly transactions: readonly CheckedTransaction[];
  readonly firstIndex: number;
}

function batchFrom({ height, epoch, post }: Header, parts: BatchParts, era: Era): Batch {
  const { entries, transactions, firstIndex } = parts;
  const evidence = transactions.flatMap((transaction) => transaction.evidence);
  const [first] = transactions;
  const closing = era.closings[epoch - 2];
  const batch = { height, firstIndex, entries, evidence, size: post.size, root: post.root };
  const handoff = first?.kind === 'epoch-handoff' ? first.entries[0] : undefined;
  if (handoff === undefined || closing === undefined) return batch;
  const { state, proof } = closing;
  return { ...batch, handoff: { epoch, link: encodeHandoffLink({ handoff, state, proof }) } };
}
