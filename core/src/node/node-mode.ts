import type { NodeMode } from './verified-node.ts';

/** What a person chose: a mode, or that the size of the log decides. */
export type ModeChoice = 'automatic' | NodeMode;

/** A choice as it may be stored. */
export const modeChoices: readonly ModeChoice[] = ['automatic', 'full', 'light'];

/** Most entries that are replayed without being asked to: some 30 MB to fetch, a few seconds of work. */
export const LIGHT_ABOVE = 100_000;

/** The mode of a node that stands before a log of `size` entries; full where the size is not known. */
export function modeFor(choice: ModeChoice, size: number | undefined): NodeMode {
  if (choice !== 'automatic') return choice;
  return size !== undefined && size > LIGHT_ABOVE ? 'light' : 'full';
}
