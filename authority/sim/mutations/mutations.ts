import type { Mutation } from './mutation.ts';

/** All mutations. */
export const mutations: readonly Mutation[] = [];
