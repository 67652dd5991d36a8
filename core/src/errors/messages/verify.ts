import type { Messages } from '../message.ts';

/** The rungs of the evidence ladder and the evidence file. */
export const verifyMessages = {} as const satisfies Messages;
