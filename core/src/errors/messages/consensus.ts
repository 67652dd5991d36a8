import type { Messages } from '../message.ts';

/** Agreement between the authorities and its durable state. */
export const consensusMessages = {} as const satisfies Messages;
