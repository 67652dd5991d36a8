import type { LogRecord } from '@assay/core/records/types.ts';

/** What each kind of record is called in the page. */
export const recordKindWords = {
  'artifact-add': 'Package',
  state: 'State',
  genesis: 'Genesis',
} as const satisfies Record<LogRecord['kind'], string>;
