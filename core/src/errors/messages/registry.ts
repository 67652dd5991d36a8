import type { Messages } from '../message.ts';

/** Answers to package clients. */
export const registryMessages = {} as const satisfies Messages;
