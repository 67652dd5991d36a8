import { leafHash } from '@assay/core/log/merkle.ts';
import type { Block, Hash } from './block.ts';
import type { TreeHead } from './cosignature.ts';
import type { FinalBlock, Write } from './events.ts';
import { MAX_FINAL_BLOCKS, MAX_FINAL_BYTES, MAX_PATH_HEADERS } from './limits.ts';
import type { FinalMessage } from './messages.ts';
import type { Certificate, Vote } from './vote.ts';

/** The last final block as the database knows it, with what is needed to go on from it. */
export interface StoredTip {
  readonly block: Block;
  readonly digest: Hash;
  readonly proof?: Certificate;
  /** Batches in the log. */
  readonly batches: number;
  /** Subtree hashes of the log's tree, largest first, and its size. */
  readonly tree: { readonly size: number; readonly hashes: readonly Uint8Array[] };
}

/** A final block as it is read back. */
export interface StoredBlock {
  readonly block: Block;
  /** Batches in the log after it. */
  readonly batches: number;
  readonly proof?: Certificate;
}

/** A package version in the log. */
export interface StoredPackage {
  readonly purl: string;
  /** Log index of its record. */
  readonly index: number;
  /** RFC 6962 leaf hash of its record, 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** What a final block adds to the packages. */
export function packagesOf({ execution, firstIndex }: FinalBlock): StoredPackage[] {
  return execution.transactions.map(({ purl, entry }, at) => ({
    purl,
    index: firstIndex + at,
    leafHash: leafHash(entry),
  }));
}

/** Everything a restarted authority must not have forgotten. */
export interface Recovered {
  /** Missing when nothing but genesis is final. */
  readonly final?: StoredTip;
  /** Every package version in the log, in its order. */
  readonly packages: Iterable<StoredPackage>;
  readonly votes: readonly Vote[];
  readonly certificates: readonly Certificate[];
  readonly blocks: readonly Block[];
  readonly cosigned?: TreeHead;
  /** Names of the evidence kept. */
  readonly evidence: readonly string[];
  /** Why this authority must not vote any more. */
  readonly amnesia?: string;
}

/** Durable memory of one authority. Throws when the platform fails; then nothing may be promised any more. */
export interface ConsensusStore {
  recover(): Recovered;
  /** All or nothing; durable on return. */
  commit(writes: readonly Write[]): void;
  /** The final block at a height. */
  finalBlock(height: number): StoredBlock | undefined;
  /** The first height from `from` on whose block has its own finality certificate. */
  provenHeight(from: number): number | undefined;
  close(): void;
}

/** Final blocks from `from` on for a peer that catches up, with their proof; undefined when there are none. */
export function finalRun(
  store: Pick<ConsensusStore, 'finalBlock' | 'provenHeight'>,
  from: number,
): FinalMessage | undefined {
  const blocks: Block[] = [];
  let bytes = 0;
  for (let height = from; blocks.length < MAX_FINAL_BLOCKS; height++) {
    const stored = store.finalBlock(height);
    bytes += stored?.block.transactions.reduce((total, one) => total + one.length, 0) ?? 0;
    if (stored === undefined || (blocks.length > 0 && bytes > MAX_FINAL_BYTES)) break;
    blocks.push(stored.block);
  }
  const last = from + blocks.length - 1;
  const proven = blocks.length === 0 ? undefined : store.provenHeight(last);
  if (proven === undefined || proven - last > MAX_PATH_HEADERS) return undefined;
  const path = Array.from(
    { length: proven - last },
    (_, at) => store.finalBlock(last + 1 + at)?.block.header,
  );
  const proof = store.finalBlock(proven)?.proof;
  if (proof === undefined) return undefined;
  return { kind: 'final', blocks, path: path.filter((header) => header !== undefined), proof };
}

/** What the database keeps of a final block besides the block itself. */
export function tipOfFinal({ block, digest, execution, proof }: FinalBlock): StoredTip {
  const { range, batches, size } = execution.ledger;
  const tree = { size, hashes: range.hashes };
  return { block, digest, batches, tree, ...(proof === undefined ? {} : { proof }) };
}
