import { equalBytes } from '../encoding/bytes.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { verifyConsistency } from '../log/merkle.ts';
import { TiledLog } from '../log/tiled-log.ts';
import type { LogSource } from '../net/sources.ts';
import { asStore, type TreeHead } from './authentic-log.ts';

/** How two signed heads of one log go together, as far as a source could show. */
export type History =
  | { readonly kind: 'consistent' }
  /** Proven: the larger tree does not contain the smaller one, but has another `root` at its size, as `consistency` shows. */
  | { readonly kind: 'fork'; readonly root: Uint8Array; readonly consistency: readonly Uint8Array[] }
  /** The source showed neither. */
  | { readonly kind: 'unproven'; readonly error: AssayError };

/** Asks a source to show that `larger` continues `smaller`, and believes only proofs. Rejects never. */
export async function compareHistory(
  source: LogSource,
  smaller: TreeHead,
  larger: TreeHead,
  signal?: AbortSignal,
): Promise<History> {
  if (smaller.size === larger.size) {
    if (equalBytes(smaller.root, larger.root)) return { kind: 'consistent' };
    return { kind: 'fork', root: larger.root, consistency: [] };
  }
  try {
    const { size, root } = larger;
    const log = unwrap(await TiledLog.open(asStore(source, signal), size, { verifyRoot: root }));
    const proof = unwrap(await log.consistencyProof(smaller.size, size));
    const shown = verifyConsistency(smaller.size, size, smaller.root, root, proof);
    if (shown.ok) return { kind: 'consistent' };
    const otherRoot = unwrap(await log.rootAt(smaller.size));
    const isOther = verifyConsistency(smaller.size, size, otherRoot, root, proof).ok;
    return isOther
      ? { kind: 'fork', root: otherRoot, consistency: proof }
      : { kind: 'unproven', error: shown.error };
  } catch (cause) {
    const error = isAssayError(cause) ? cause : new AssayError('E_STREAM_CLOSED', {}, cause);
    return { kind: 'unproven', error };
  }
}
