import { expect, it } from 'vitest';
import { faultTolerance, quorum } from './quorum.ts';

it.each([
  [1, 0, 1],
  [3, 0, 3],
  [4, 1, 3],
  [5, 1, 4],
  [6, 1, 5],
  [7, 2, 5],
  [10, 3, 7],
  [31, 10, 21],
  [100, 33, 67],
])('of %i authorities %i may be faulty and %i must agree', (count, faulty, needed) => {
  expect(faultTolerance(count)).toBe(faulty);
  expect(quorum(count)).toBe(needed);
});
