import type { Messages } from '../message.ts';

/** The command line. */
export const cliMessages = {} as const satisfies Messages;
