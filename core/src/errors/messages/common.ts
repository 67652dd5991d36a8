import type { Messages } from '../message.ts';

/** Errors that belong to no area. */
export const commonMessages = {
  E_UNKNOWN: {
    happened: 'The other side reported an error this program does not know: {code}.',
    means: 'It runs another version, or its answer was damaged.',
    remedy: 'Update both sides and try again.',
    help: 'unknown-error',
  },
} as const satisfies Messages;
