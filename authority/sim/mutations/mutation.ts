import type { ScenarioName } from '../scenarios/scenarios.ts';

/** One edit of a source file: text that must be there exactly once, and what stands there instead. */
export interface Edit {
  /** Path below `authority/`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Switches one rule of the protocol off; the simulator must notice. */
export interface Mutation {
  readonly name: string;
  /** The rule it breaks, by its number, and what goes wrong. */
  readonly rule: string;
  readonly edits: readonly [Edit, ...Edit[]];
  /** Runs in which it must be noticed. */
  readonly budget: number;
  /** Kinds of runs that ought to notice, taken in turn. */
  readonly scenarios: readonly [ScenarioName, ...ScenarioName[]];
}

/** The source with an edit in it. Throws when its text is not there exactly once: then the mutation is out of date. */
export function edit(source: string, { file, from, to }: Edit): string {
  const parts = source.split(from);
  if (parts.length !== 2)
    throw new Error(`a mutation's text is ${parts.length - 1} times in ${file}: ${from}`);
  return parts.join(to);
}
