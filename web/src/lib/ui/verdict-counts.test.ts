import { expect, it } from 'vitest';
import { verificationFixture } from '../../testing/verifications.ts';
import { verdictCounts } from './verdict-counts.ts';

it('counts the outcomes of several files, the worst first', () => {
  const done = (verdict: 'verified' | 'mismatch') => ({
    state: 'done' as const,
    verification: verificationFixture(undefined, { verdict }),
  });
  const runs = [done('verified'), { state: 'failed' as const }, done('mismatch'), done('verified')];
  expect(verdictCounts(runs)).toBe('4 files: 1 Mismatch, 1 Could not check, 2 Verified');
  expect(verdictCounts([...runs, { state: 'waiting' }])).toBe(
    '5 files: 1 Mismatch, 1 Could not check, 2 Verified, 1 to be checked',
  );
});
