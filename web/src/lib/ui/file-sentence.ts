import { isDigestSubject } from '@assay/core/verify/digest-subject.ts';
import { verdictSentence } from '@assay/core/verify/sentences.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { formatAmount } from './format.ts';

/** The verdict on a file in a sentence or two. Where only the bytes are known, it is about the bytes; `size` is of the log here. */
export function fileSentence(verification: Verification, size: number): string {
  if (!isDigestSubject(verification.purl)) return verdictSentence(verification);
  switch (verification.verdict) {
    case 'not-in-log': {
      const entries = formatAmount(verification.checkpoint?.size ?? size, 'entry', 'entries');
      return `None of the ${entries} this tab has checked records these bytes.`;
    }
    case 'could-not-check': {
      const entries = formatAmount(size, 'entry', 'entries');
      return `This tab has not seen the whole log yet. None of the ${entries} checked so far records these bytes.`;
    }
    case 'mismatch':
    case 'verified':
    case 'verified-stale':
      return verdictSentence(verification);
  }
}
