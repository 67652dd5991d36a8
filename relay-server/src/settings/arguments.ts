import { parseArgs } from 'node:util';

/** How the program is called. */
export const USAGE = 'usage: main.ts run --data DIR';

/** The data folder out of the arguments `run --data DIR`; undefined for any others. */
export function readArguments(args: readonly string[]): string | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' } },
    allowPositionals: true,
    strict: false,
  });
  const understood = positionals.length === 1 && positionals[0] === 'run' && Object.keys(values).length === 1;
  return understood && typeof values.data === 'string' && values.data !== '' ? values.data : undefined;
}
