import type { Messages } from '../message.ts';

/** Requests, downloads and the authorities' services. */
export const authorityMessages = {} as const satisfies Messages;
