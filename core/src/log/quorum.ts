/** How many of `count` authorities may be faulty without harm: f = ⌊(n−1)/3⌋. */
export function faultTolerance(count: number): number {
  return Math.floor((count - 1) / 3);
}

/** How many of `count` authorities must agree: q = ⌊2n/3⌋+1. Any two quorums share at least f+1 authorities. */
export function quorum(count: number): number {
  return Math.floor((2 * count) / 3) + 1;
}
