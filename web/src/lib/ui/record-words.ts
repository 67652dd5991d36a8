import type { LogRecord } from '@assay/core/records/types.ts';

/** What each kind of record is called in the page. */
export const recordKindWords = {
  'artifact-add': 'Package',
  state: 'State',
  genesis: 'Genesis',
  'authority-add': 'Authority joins',
  'authority-remove': 'Authority leaves',
  equivocation: 'Equivocation',
  'epoch-handoff': 'Hand-off',
} as const satisfies Record<LogRecord['kind'], string>;
