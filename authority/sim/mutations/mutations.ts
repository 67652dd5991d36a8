import { epochMutations } from './epoch-mutations.ts';
import { livenessMutations } from './liveness-mutations.ts';
import { logMutations } from './log-mutations.ts';
import type { Mutation } from './mutation.ts';
import { votingMutations } from './voting-mutations.ts';

/** All mutations: each switches off one rule of the protocol. */
export const mutations: readonly Mutation[] = [
  ...votingMutations,
  ...logMutations,
  ...livenessMutations,
  ...epochMutations,
];
