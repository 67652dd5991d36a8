import type { AuthorityIdentity } from '@assay/core/records/types.ts';
import type { Block, Hash, Header } from './block.ts';
import type { TreeHead } from './cosignature.ts';
import type { Closing } from './era.ts';
import type { Evidence } from './evidence.ts';
import type { Amnesia } from './state.ts';
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
  /** Authorities with an equivocation record, in the order of the log. */
  readonly suspended: readonly string[];
  /** Subtree hashes of the log's tree, largest first, and its size. */
  readonly tree: { readonly size: number; readonly hashes: readonly Uint8Array[] };
}

/** A final block as it is read back. */
export interface StoredBlock {
  readonly block: Block;
  /** Batches in the log after it. */
  readonly batches: number;
  readonly proof?: Certificate;
  /** Where a descendant's certificate proves a closing block: the heads that lead there. */
  readonly path?: readonly Header[];
}

/** How an epoch ended and who came after: all that the next one needs. */
export interface StoredEra extends Closing {
  readonly authorities: readonly AuthorityIdentity[];
}

/** A package version in the log. */
export interface StoredPackage {
  readonly purl: string;
  readonly index: number;
  /** RFC 6962 leaf hash of its record, 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** Everything a restarted authority must not have forgotten. */
export interface Recovered {
  /** Missing when nothing but genesis is final. */
  readonly final?: StoredTip;
  /** The epochs after the first, in order. */
  readonly eras: readonly StoredEra[];
  /** The hand-off entries that are final: of epoch 2 and so on. */
  readonly handoffs: readonly Uint8Array[];
  /** Every package version in the log, in its order. */
  readonly packages: Iterable<StoredPackage>;
  readonly votes: readonly Vote[];
  readonly certificates: readonly Certificate[];
  readonly blocks: readonly Block[];
  readonly cosigned?: TreeHead;
  readonly evidence: readonly Evidence[];
  readonly amnesia?: Amnesia;
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
    if (stored.block.header.closes) break;
  }
  const last = from + blocks.length - 1;
  const proven = blocks.length === 0 ? undefined : store.provenHeight(last);
  if (proven === undefined || proven - last > MAX_PATH_HEADERS) return undefined;
  const path = Array.from(
    { length: proven - last },
    (_, at) => store.finalBlock(last + 1 + at)?.block.header,
  );
  const { proof, path: beyond = [] } = store.finalBlock(proven) ?? {};
  if (proof === undefined) return undefined;
  const whole = [...path.filter((header) => header !== undefined), ...beyond];
  return whole.length > MAX_PATH_HEADERS ? undefined : { kind: 'final', blocks, path: whole, proof };
}

/** What the database keeps of a final block besides the block itself. */
export function tipOfFinal({ block, digest, execution, proof }: FinalBlock): StoredTip {
  const { range, log, size } = execution.ledger;
  const tree = { size, hashes: range.hashes };
  const { suspended } = log.epoch;
  return { block, digest, batches: log.height, suspended, tree, ...(proof === undefined ? {} : { proof }) };
}

/** What the database keeps of a block that closes its epoch; undefined for any other. */
export function eraAfter({ block, execution }: FinalBlock): StoredEra | undefined {
  const { closed } = execution.ledger;
  if (!block.header.closes || closed === undefined) return undefined;
  const { head, state, proof, next } = closed;
  return { head, state, proof, authorities: next.authorities };
}

/** The hand-off entry in a final block; undefined when it has none. */
export function handoffIn({ execution }: FinalBlock): Uint8Array | undefined {
  const [first] = execution.transactions;
  return first?.kind === 'epoch-handoff' ? first.entries[0] : undefined;
}

/** The stored form of a final block. */
export function storedOfFinal({ block, execution, proof, path }: FinalBlock): StoredBlock {
  const proven = proof === undefined ? {} : { proof };
  const led = path === undefined || path.length === 0 ? {} : { path };
  return { block, batches: execution.ledger.log.height, ...proven, ...led };
}

/** Whether a final block settles what belongs to this epoch and view; one that closes its epoch settles all of it. */
export function isSettledBy(
  { epoch, view, closes }: Header,
  one: { readonly epoch: number; readonly view: number },
): boolean {
  return one.epoch < epoch || (one.epoch === epoch && (closes || one.view <= view));
}

/** What a write says about forgotten votes. */
export function amnesiaOf({ reason, keys }: Extract<Write, { kind: 'amnesia' }>): Amnesia {
  return keys === undefined ? { reason } : { reason, keys };
}
