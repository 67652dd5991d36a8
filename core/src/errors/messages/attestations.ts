import type { Messages } from '../message.ts';

/** Builders' signed statements. */
export const attestationsMessages = {} as const satisfies Messages;
