import type { ParseArgsConfig } from 'node:util';
import type { Clock } from '@assay/core/clock.ts';
import type { Output } from './output.ts';

/** Values of options as given: texts, or true for switches. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command is given to run. */
export interface CommandContext {
  readonly operands: readonly string[];
  readonly options: OptionValues;
  readonly output: Output;
  readonly clock: Clock;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** One command of the command line. */
export interface Command {
  /** Operands and options as the help shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Least and most operands. */
  readonly operands: readonly [number, number];
  /** Resolves with the exit code; rejects with an AssayError for what failed. */
  run(context: CommandContext): Promise<number>;
}

/** A text option; undefined when it was not given. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Options of every command that asks a network. */
export const networkOptions = {
  data: { type: 'string' },
  relay: { type: 'string' },
  /** Base URLs with commas between them: asked for the log as well, so that no single one can withhold or mislead. */
  mirrors: { type: 'string' },
} as const satisfies Command['options'];

/** For commands that are about one package: replays no log and asks for a proof instead. */
export const lightOption = { light: { type: 'boolean' } } as const satisfies Command['options'];
