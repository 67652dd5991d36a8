import { Program, type JsonLine } from './program.ts';

/** What a finished command came to. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly lines: readonly JsonLine[];
  /** The last line of results. */
  readonly last: JsonLine;
  readonly log: string;
}

/** The file of the command line. */
export const ASSAY = 'cli/src/main.ts';

/** Runs `assay ARGS… --json` to its end. */
export async function assay(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const program = new Program([ASSAY, ...args, '--json'], environment);
  const { code } = await program.ended;
  const { lines, log } = program;
  return { code, lines, last: lines.at(-1) ?? {}, log: log.join('\n') };
}
