import type { Messages } from '../message.ts';

/** The relay's HTTP and libp2p services. */
export const relayMessages = {} as const satisfies Messages;
