import type { Messages } from '../message.ts';

/** Merkle proofs, tiles, notes, checkpoints and policies. */
export const logMessages = {} as const satisfies Messages;
