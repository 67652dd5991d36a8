import type { Hash } from '../block.ts';
import { certifiedDigest, viewOf, type State } from '../state.ts';
import { placeOf } from './blocks.ts';
import type { Grounds } from './voting.ts';

/** Whether a block of view `view` may stand on `parent`, and what that rests on; or which views lack a certificate. */
export type Footing =
  | { readonly kind: 'firm'; readonly certificates: Grounds['certificates'] }
  | { readonly kind: 'lacking'; readonly from: number; readonly to: number };

/**
 * Rules R2 and R3: the parent is the last final block or notarised, and every view between it and `view` was nullified.
 * Undefined when the parent is not known here.
 */
export function footing(state: State, parent: Hash, view: number): Footing | undefined {
  const place = placeOf(state, parent);
  if (place === undefined) return undefined;
  const grounds: { view: number; kind: 'notarise' | 'nullify' }[] = [];
  if (parent !== state.final.digest) {
    if (viewOf(state, place.view).certificates.notarise?.digest !== parent) {
      return { kind: 'lacking', from: place.view, to: view - 1 };
    }
    grounds.push({ view: place.view, kind: 'notarise' });
  }
  for (let skipped = place.view + 1; skipped < view; skipped++) {
    if (viewOf(state, skipped).certificates.nullify === undefined)
      return { kind: 'lacking', from: skipped, to: view - 1 };
    grounds.push({ view: skipped, kind: 'nullify' });
  }
  return { kind: 'firm', certificates: grounds };
}

/**
 * Rule R2: the block to build on in the current view, which is the certified one of the highest view with only nullified views
 * after it. Undefined while a certificate is missing.
 */
export function bestParent(state: State): Hash | undefined {
  for (let view = state.view - 1; view > state.final.view; view--) {
    const digest = certifiedDigest(state, view);
    if (digest !== undefined) return digest;
    if (viewOf(state, view).certificates.nullify === undefined) return undefined;
  }
  return state.final.digest;
}
