import type { Messages } from '../message.ts';

/** Durable storage. */
export const storesMessages = {} as const satisfies Messages;
