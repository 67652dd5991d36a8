import type { BuilderOutcome } from '@assay/core/verify/types.ts';
import type { IconName } from './icons.ts';

type Outcome = BuilderOutcome['outcome'];

/** What an authority attested about a version, in words. */
export const outcomeWords: Readonly<Record<Outcome, string>> = {
  agreed: 'same bytes',
  dissented: 'saw other bytes',
  failed: 'could not fetch it',
  absent: 'did not answer',
};

/** The sign beside those words. */
export const outcomeIcons: Readonly<Record<Outcome, IconName>> = {
  agreed: 'verified',
  dissented: 'mismatch',
  failed: 'could-not-check',
  absent: 'pending',
};
