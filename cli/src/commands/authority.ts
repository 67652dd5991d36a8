import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { askAuthority } from '../operator/admin-client.ts';
import { makeAuthority, writeCandidate } from '../operator/new-authority.ts';
import {
  changeInWords,
  changeText,
  statusText,
  type ChangeView,
  type OperatorStatus,
} from '../operator/views.ts';
import { textOption, type Command, type CommandContext } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { programs } from '../programs.ts';
import { configuredNpmRegistry } from '../up/npm-registry.ts';

/** Most candidates and members that one change can name. */
const MAX_OPERANDS = 33;

const actions: Readonly<
  Record<string, (context: CommandContext, operands: readonly string[]) => Promise<number>>
> = {
  init,
  run,
  candidate,
  approve,
  remove,
  status,
};

/** `assay authority`: what operators of authorities do. */
export const authorityCommand: Command = {
  usage: [
    'authority init --data DIR --name NAME --network URL|FILE|DIR --listen MULTIADDR [--announce MULTIADDR] [--registry URL]',
    '  assay authority run --data DIR',
    '  assay authority candidate --data DIR [--new-keys]',
    '  assay authority approve FILE|NAME… [--remove NAME] --data DIR',
    '  assay authority remove NAME… --data DIR',
    '  assay authority status --data DIR',
  ].join('\n'),
  summary: 'Found, run and watch an authority; let others join and leave',
  options: {
    data: { type: 'string' },
    name: { type: 'string' },
    network: { type: 'string' },
    listen: { type: 'string' },
    announce: { type: 'string' },
    registry: { type: 'string' },
    remove: { type: 'string', multiple: true },
    'new-keys': { type: 'boolean' },
  },
  operands: [1, 1 + MAX_OPERANDS],
  async run(context) {
    const [action = '', ...operands] = context.operands;
    const perform = Object.hasOwn(actions, action) ? actions[action] : undefined;
    if (perform === undefined) {
      throw usage(`authority takes ${Object.keys(actions).join(', ')}, not ${action}`);
    }
    return await perform(context, operands);
  },
};

async function init(
  { options, output, clock }: CommandContext,
  operands: readonly string[],
): Promise<number> {
  none(operands, 'init');
  const dataDir = needed(options, 'data', 'init');
  const name = needed(options, 'name', 'init');
  const network = needed(options, 'network', 'init');
  const listen = needed(options, 'listen', 'init');
  const announce = textOption(options, 'announce');
  const npmRegistry = textOption(options, 'registry') ?? (await configuredNpmRegistry());
  const file = await makeAuthority(
    { dataDir: resolve(dataDir), name, network, listen, ...(announce && { announce }), npmRegistry },
    clock,
  );
  output.result(
    { event: 'init', name, data: dataDir, candidate: file },
    [
      `${name} is set up in ${dataDir}. Its keys are there and nowhere else.`,
      `1. Run it: assay authority run --data ${dataDir}`,
      `2. Give ${file} to the operators of the authorities. Each of them runs, with the folder of their own authority:`,
      `   assay authority approve ${file} --data DIR`,
      `It joins when enough of them have, and it has followed the log to its end.`,
    ].join('\n'),
  );
  return exitCode.ok;
}

/** Becomes the authority's process: its output is this command's, and so is its end. */
async function run({ options, signal }: CommandContext, operands: readonly string[]): Promise<number> {
  none(operands, 'run');
  const dataDir = needed(options, 'data', 'run');
  const child = spawn(process.execPath, [programs.authority, 'run', '--data', dataDir], {
    // However this process ends, the pipe ends with it, and so does the authority.
    stdio: ['pipe', 'inherit', 'inherit'],
    // Ctrl-C reaches the whole group of a terminal; the authority is told once.
    detached: true,
  });
  signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return await new Promise((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', (code) => fulfil(code ?? exitCode.failed));
  });
}

async function candidate({ options, output }: CommandContext, operands: readonly string[]): Promise<number> {
  none(operands, 'candidate');
  const dataDir = needed(options, 'data', 'candidate');
  const renew = options['new-keys'] === true;
  const file = await writeCandidate(resolve(dataDir), renew ? ['--new-keys'] : []);
  const text = [
    ...(renew ? ['The authority has new keys to sign with; the old ones are erased.'] : []),
    `The candidate file is ${file}: give it to the operators of the authorities. Each of them runs`,
    `assay authority approve ${file} --data DIR`,
  ].join('\n');
  output.result({ event: 'candidate', candidate: file, newKeys: renew }, text);
  return exitCode.ok;
}

async function approve(context: CommandContext, operands: readonly string[]): Promise<number> {
  const add = await Promise.all(operands.map(fileOrName));
  const also = context.options['remove'] as unknown;
  return await propose(context, add, Array.isArray(also) ? also.map(String) : []);
}

async function remove(context: CommandContext, operands: readonly string[]): Promise<number> {
  return await propose(context, [], operands);
}

async function propose(
  { options, output }: CommandContext,
  add: readonly string[],
  removed: readonly string[],
): Promise<number> {
  if (add.length + removed.length === 0)
    throw usage('name the candidates to add or the authorities to remove');
  const dataDir = needed(options, 'data', 'approve and remove');
  const change = await askAuthority<ChangeView>(dataDir, 'POST', '/approve', { add, remove: removed });
  output.result({ event: 'approved', ...change }, `Approved here: ${changeText(change)}`);
  return exitCode.ok;
}

async function status({ options, output }: CommandContext, operands: readonly string[]): Promise<number> {
  none(operands, 'status');
  const told = await askAuthority<OperatorStatus>(needed(options, 'data', 'status'), 'GET', '/status');
  output.result({ ...told, changesInWords: told.changes.map(changeInWords) }, statusText(told));
  return exitCode.ok;
}

/** The text of a candidate file, or a candidate's name or fingerprint as it was given. */
async function fileOrName(operand: string): Promise<string> {
  if (!existsSync(operand)) return operand;
  return await readFile(operand, 'utf8').catch((cause: Error) => {
    throw new AssayError('E_FILE', { path: operand, reason: cause.message }, cause);
  });
}

function needed(options: CommandContext['options'], name: string, action: string): string {
  const value = textOption(options, name);
  if (value === undefined) throw usage(`authority ${action} needs --${name}`);
  return value;
}

function none(operands: readonly string[], action: string): void {
  if (operands.length > 0) throw usage(`authority ${action} takes no ${operands.join(' ')}`);
}

function usage(problem: string): AssayError {
  return new AssayError('E_USAGE', { problem });
}
