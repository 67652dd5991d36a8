import type { Messages } from '../message.ts';

/** Sources, fetch jobs and artifact stores. */
export const swarmMessages = {} as const satisfies Messages;
