import type { Messages } from '../message.ts';

/** The rungs of the evidence ladder and the evidence file. */
export const verifyMessages = {
  E_EVIDENCE_FILE: {
    happened: 'The evidence file cannot be read: {problem}.',
    means: 'It is damaged, or was written by another version.',
    remedy: 'Export it again.',
    help: 'evidence',
  },
  E_EVIDENCE_MISSING: {
    happened: 'The evidence has no {part}.',
    means: 'This rung could not be checked.',
    remedy: 'Fetch the missing part, then check again.',
    help: 'evidence',
  },
  E_EVIDENCE_RECORD: {
    happened: 'The log entry is about {found}, not about {purl}.',
    means: 'The evidence belongs to another package.',
    remedy: 'Do not use it. Get the evidence again, from another source.',
    help: 'evidence',
  },
} as const satisfies Messages;
