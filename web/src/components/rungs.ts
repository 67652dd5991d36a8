import type { Rung, RungId } from '@assay/core/verify/types.ts';
import type { IconName } from './icons.ts';

/** The ladder from the bytes up to those who vouch for them, and how each rung is called. */
export const rungTitles = {
  bytes: 'File digest',
  blocks: 'Blocks',
  record: 'Record',
  inclusion: 'In the log',
  quorum: 'Signed by a quorum',
  history: 'Same history as before',
  agreement: 'Independently agreed',
} as const satisfies Record<RungId, string>;

export const rungOrder = Object.keys(rungTitles) as readonly RungId[];

/** What each rung would mean if it failed; shown when a reader opens the rung. */
export const rungMeanings = {
  bytes: 'A file with another digest is not the file that the authorities agreed on.',
  blocks: 'A block that does not match was changed on its way, or comes from another file.',
  record: 'Without a well-formed record there is nothing to compare the file with.',
  inclusion: 'A record outside the tree was never agreed on, whoever shows it.',
  quorum: 'With fewer signatures than a quorum, a minority could have made up the log.',
  history: 'A log that does not extend what was seen before was rewritten.',
  agreement: 'The authorities fetched the package on their own; too few equal results are no agreement.',
} as const satisfies Record<RungId, string>;

/** The outcome of a rung in a word, for those who do not see its shape. */
export const rungStateWords = {
  pass: 'passed',
  fail: 'failed',
  missing: 'not checked',
} as const satisfies Record<Rung['state'], string>;

/** The shape of a rung's outcome: the same shapes as the verdicts they lead to. */
export const rungIcons = {
  pass: 'verified',
  fail: 'mismatch',
  missing: 'could-not-check',
} as const satisfies Record<Rung['state'], IconName>;
