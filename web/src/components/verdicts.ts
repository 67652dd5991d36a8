import type { VerdictWord } from '@assay/core/verify/types.ts';

/** How each verdict is written. There is no sixth word. */
export const verdictWords = {
  verified: 'Verified',
  'verified-stale': 'Verified, stale view',
  'not-in-log': 'Not in log',
  mismatch: 'Mismatch',
  'could-not-check': 'Could not check',
} as const satisfies Record<VerdictWord, string>;

/** What each verdict says, and what it does not say. */
export const verdictMeanings = {
  verified:
    'Every rung holds: these are the bytes that a quorum of authorities agreed on. It says where they come from, not that the program is good.',
  'verified-stale':
    'Every rung holds, but the newest signatures seen here are old. Something newer may exist that this node has not been shown.',
  'not-in-log':
    'This node has replayed the whole log as of its checkpoint, and no record names this version.',
  mismatch: 'A rung has failed. Something differs from what was agreed on; do not use the bytes.',
  'could-not-check':
    'Part of the evidence is not here, so nothing can be said either way. This is neither a pass nor a failure.',
} as const satisfies Record<VerdictWord, string>;
