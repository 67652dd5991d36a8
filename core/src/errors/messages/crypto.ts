import type { Messages } from '../message.ts';

/** Keys and signatures. */
export const cryptoMessages = {
  E_SIGNATURE: {
    happened: 'The signature of {name} does not match.',
    means: 'Either the bytes were changed after they were signed, or somebody else signed them.',
    remedy: 'Do not use these bytes. Fetch them again, from another source.',
    help: 'signatures',
  },
} as const satisfies Messages;
