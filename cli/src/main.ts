import { parseArgs } from 'node:util';
import { createClock } from '@assay/core/clock.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import type { Command } from './command.ts';
import { authorityCommand } from './commands/authority.ts';
import { erisCommand } from './commands/eris.ts';
import { getCommand } from './commands/get.ts';
import { logCommand } from './commands/log.ts';
import { requestCommand } from './commands/request.ts';
import { statusCommand } from './commands/status.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { exitCode } from './exit-code.ts';
import { createOutput } from './output.ts';

const commands: ReadonlyMap<string, Command> = new Map([
  ['up', upCommand],
  ['status', statusCommand],
  ['request', requestCommand],
  ['log', logCommand],
  ['get', getCommand],
  ['verify', verifyCommand],
  ['eris', erisCommand],
  ['authority', authorityCommand],
]);

function help(): string {
  const rows = [...commands.values()].map(({ usage, summary }) => `  assay ${usage}\n      ${summary}`);
  return [
    'assay: a package network without a central registry',
    '',
    ...rows,
    '',
    'Every command takes --json: one JSON object per line.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 mismatch, 4 not in log, 5 could not check.',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args;
  const output = createOutput(rest.includes('--json'), process.stdout, process.stderr);
  if (name === '--help' || name === 'help' || name === '-h' || rest.includes('--help')) {
    const command = commands.get(name);
    process.stdout.write(
      `${command === undefined ? help() : `assay ${command.usage}\n${command.summary}`}\n`,
    );
    return exitCode.ok;
  }
  try {
    const command = commands.get(name);
    if (command === undefined) throw new AssayError('E_USAGE', { problem: `There is no command ${name}` });
    const { values, positionals } = parse(command, rest);
    return await command.run({
      operands: positionals,
      options: values,
      output,
      clock: createClock(globalThis),
      signal: interruption(),
    });
  } catch (error) {
    output.error(error);
    return isAssayError(error) && error.code === 'E_USAGE' ? exitCode.usage : exitCode.failed;
  }
}

function parse(command: Command, args: string[]) {
  try {
    const options = { ...command.options, json: { type: 'boolean' } } as const;
    const parsed = parseArgs({ args, options, allowPositionals: true, strict: true });
    const [least, most] = command.operands;
    if (parsed.positionals.length < least || parsed.positionals.length > most) {
      throw new Error(`usage: assay ${command.usage}`);
    }
    return {
      values: parsed.values as Record<string, string | boolean | undefined>,
      positionals: parsed.positionals,
    };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
    throw new AssayError('E_USAGE', { problem }, cause);
  }
}

function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new AssayError('E_ABORTED')));
  }
  return controller.signal;
}

process.exitCode = await main(process.argv.slice(2));
