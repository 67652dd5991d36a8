import type { Offence } from './types.ts';

/** What an authority that committed each offence did, to follow its name: "delft voted for two blocks in one view". */
export const offenceWords = {
  'two-notarise': 'voted for two blocks in one view',
  'nullify-and-finalise': 'voted both to skip a view and to finalise its block',
  'two-finalise': 'voted to finalise two blocks in one view',
  'two-proposals': 'proposed two blocks in one view',
  'two-cosignatures': 'cosigned two different logs of one size',
} as const satisfies Record<Offence, string>;
