/** Entries `start` (inclusive) to `end` (exclusive), at least one. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** One node of the Merkle tree: entries `index · 2^height` up to `(index + 1) · 2^height`, all of them there. */
export interface PerfectSubtree {
  readonly height: number;
  readonly index: number;
}

/** The ranges whose tree hashes make up PATH(index, D[size]), leaf's sibling first (RFC 6962 §2.1.1). */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const siblings: LeafRange[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      siblings.push({ start: middle, end });
      end = middle;
    } else {
      siblings.push({ start, end: middle });
      start = middle;
    }
  }
  return siblings.toReversed();
}

/** The ranges whose tree hashes make up PROOF(size1, D[size2]), for 0 < size1 ≤ size2 (RFC 6962 §2.1.2). */
export function consistencyRanges(size1: number, size2: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let start = 0;
  let end = size2;
  while (end !== size1) {
    const middle = start + splitPoint(end - start);
    if (size1 <= middle) {
      ranges.push({ start: middle, end });
      end = middle;
    } else {
      ranges.push({ start, end: middle });
      start = middle;
    }
  }
  // A first tree that is itself a node of the second is known to the verifier and not sent.
  if (start > 0) ranges.push({ start, end });
  return ranges.toReversed();
}

/** Cuts a range into perfect subtrees, largest first. The range must be one that the functions above give, or [0, n). */
export function perfectSubtrees({ start, end }: LeafRange): PerfectSubtree[] {
  const subtrees: PerfectSubtree[] = [];
  for (let at = start; at < end;) {
    const height = floorLog2(end - at);
    subtrees.push({ height, index: at / 2 ** height });
    at += 2 ** height;
  }
  return subtrees;
}

/** The largest power of two below `count`, for `count` > 1: where RFC 6962 splits a tree. */
function splitPoint(count: number): number {
  return 2 ** floorLog2(count - 1);
}

/** Counted, because Math.log2 rounds up just below large powers of two. */
function floorLog2(value: number): number {
  let exponent = 0;
  while (2 ** (exponent + 1) <= value) exponent += 1;
  return exponent;
}
