import type { AssayError } from '../errors/assay-error.ts';
import type { LogSource } from '../net/sources.ts';
import type { SignedHead } from './closing-head.ts';
import { compareHistory } from './history.ts';

/** How a checkpoint goes together with the tree heads it has to contain. */
export type Continuation =
  | { readonly kind: 'consistent' }
  /** Proven: `first` is not in the history of the checkpoint, but `second` is, or is the checkpoint. */
  | { readonly kind: 'fork'; readonly first: SignedHead; readonly second: SignedHead }
  | { readonly kind: 'unproven'; readonly error: AssayError };

/**
 * Asks a source to show that a checkpoint contains every one of `heads`, oldest first: what this node stands on, and the trees that
 * epochs began with. Of a fork it names the two heads next to each other that part. Rejects never.
 */
export async function continues(
  source: LogSource,
  heads: readonly SignedHead[],
  checkpoint: SignedHead,
  signal?: AbortSignal,
): Promise<Continuation> {
  let parted: SignedHead | undefined;
  for (const head of heads) {
    const history = await compareHistory(source, head, checkpoint, signal);
    if (history.kind === 'unproven') return history;
    if (history.kind === 'fork') parted ??= head;
    else if (parted !== undefined) return { kind: 'fork', first: parted, second: head };
  }
  return parted === undefined ? { kind: 'consistent' } : { kind: 'fork', first: parted, second: checkpoint };
}
