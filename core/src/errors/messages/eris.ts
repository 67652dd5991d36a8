import type { Messages } from '../message.ts';

/** Capabilities, blocks and packs. */
export const erisMessages = {} as const satisfies Messages;
