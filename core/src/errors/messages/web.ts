import type { Messages } from '../message.ts';

/** The browser app and its service worker. */
export const webMessages = {} as const satisfies Messages;
