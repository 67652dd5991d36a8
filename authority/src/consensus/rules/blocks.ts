import { MAX_BLOCK_TRANSACTIONS } from '../limits.ts';
import { headerDigest, type Block, type Hash } from '../block.ts';
import { executeBlock } from '../execute.ts';
import { ledgerAfter, type KnownBlock, type State } from '../state.ts';
import type { Step } from '../step.ts';

/** Takes in the body of a block that is wanted or proposed, and executes whatever can be executed now. */
export function addBlock(step: Step, block: Block, digest: Hash = headerDigest(block.header)): void {
  const { final, blocks, era } = step.state;
  const { epoch, view } = block.header;
  // Views begin anew with each epoch: a late body of the one before must not be taken for a block of this one.
  if (blocks.has(digest) || epoch < era.epoch || view <= final.view) return;
  setBlock(step, { block, digest, outcome: { kind: 'waiting' } });
  executeWaiting(step);
}

/** Height, view and time of a block that is final here or known. */
export function placeOf(
  state: State,
  digest: Hash,
): { height: number; view: number; time: number } | undefined {
  return digest === state.final.digest ? state.final : state.blocks.get(digest)?.block.header;
}

/**
 * Whether a body that was asked for may be the block that is lacking: the certified one, or one right below a block that waits.
 * Else a faulty leader could answer each question with an ancestor it made up, of views that never become final.
 */
export function isLacking({ blocks, views, final }: State, { header }: Block, digest: Hash): boolean {
  const certified = views.get(header.view)?.certificates.notarise?.digest;
  if (certified === digest) return true;
  return [...blocks.values()].some(({ block: { header: child }, outcome }) => {
    if (outcome.kind !== 'waiting' || child.parent !== digest || child.epoch !== header.epoch) return false;
    return header.height > final.height && header.height === child.height - 1 && header.view < child.view;
  });
}

/** The first ancestor of `digest`, or itself, whose body is missing; undefined when there is none, or no use in it. */
export function missingAncestor(state: State, digest: Hash): Hash | undefined {
  for (let at = digest; at !== state.final.digest;) {
    const known = state.blocks.get(at);
    if (known === undefined) return at;
    if (known.outcome.kind !== 'waiting' || known.block.header.height <= state.final.height + 1)
      return undefined;
    at = known.block.header.parent;
  }
  return undefined;
}

/** Executes waiting blocks whose parents are executed, until none is left. */
export function executeWaiting(step: Step): void {
  for (let progress = true; progress;) {
    progress = false;
    for (const known of step.state.blocks.values()) {
      if (known.outcome.kind !== 'waiting') continue;
      const outcome = outcomeOf(step, known.block);
      if (outcome.kind === 'waiting') continue;
      setBlock(step, { ...known, outcome });
      progress = true;
    }
  }
}

/** Judges a block by everything that all authorities see alike; what depends on this authority is the voter's business. */
function outcomeOf({ context, state }: Step, block: Block): KnownBlock['outcome'] {
  const { header } = block;
  if (header.height <= state.final.height) return invalid('a height that is final already');
  // Every block has a view of its own: this bounds how many ancestors a proposal can make others fetch.
  if (header.height - state.final.height > header.view - state.final.view)
    return invalid('more ancestors than views');
  const parent = placeOf(state, header.parent);
  if (parent === undefined) {
    return header.height === state.final.height + 1
      ? invalid('a parent that is not the last final block')
      : WAITING;
  }
  const isOnFinal = header.parent === state.final.digest;
  if (!isOnFinal && state.blocks.get(header.parent)?.outcome.kind === 'invalid')
    return invalid('a parent that is not valid');
  const ledger = ledgerAfter(state, header.parent);
  if (ledger === undefined) return WAITING;
  if (header.chain !== context.chain || header.epoch !== context.epoch)
    return invalid('another network or epoch');
  if (header.height !== parent.height + 1 || header.view <= parent.view)
    return invalid('a height or view out of order');
  if (header.time < parent.time) return invalid('a time before its parent');
  if (block.transactions.length > MAX_BLOCK_TRANSACTIONS) return invalid('too many transactions');
  const executed = executeBlock(ledger, block, context);
  return executed.ok ? { kind: 'valid', execution: executed.value } : invalid(executed.error.message);
}

const WAITING = { kind: 'waiting' } as const;

function invalid(reason: string): KnownBlock['outcome'] {
  return { kind: 'invalid', reason };
}

function setBlock(step: Step, known: KnownBlock): void {
  step.set({ blocks: new Map(step.state.blocks).set(known.digest, known) });
}
