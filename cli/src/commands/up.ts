import type { Readable } from 'node:stream';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { formatPurl, parsePackageInput } from '@assay/core/records/purl.ts';
import { DEFAULT_DATA } from '../client.ts';
import { textOption, type Command, type OptionValues } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { DEFAULT_SEEDS } from '../up/seed.ts';
import { up } from '../up/up.ts';

const DEFAULT_PORT = 7473;
const DEFAULT_AUTHORITIES = 4;
const MAX_PORT = 65_535;

/** `assay up`: a whole network on this machine. */
export const upCommand: Command = {
  usage:
    'up [--data DIR] [--port N] [--authorities N] [--seed PURL[,PURL…]] [--verbose] [--until-stdin-ends]',
  summary: 'Run a local network: authorities, a relay and the web app',
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    authorities: { type: 'string' },
    seed: { type: 'string' },
    verbose: { type: 'boolean' },
    'until-stdin-ends': { type: 'boolean' },
  },
  operands: [0, 0],
  async run({ options, output, clock, signal }) {
    const untilStdinEnds = options['until-stdin-ends'] === true;
    const ended = untilStdinEnds ? [endOf(process.stdin)] : [];
    try {
      await up(
        {
          dataDir: textOption(options, 'data') ?? DEFAULT_DATA,
          port: wholeNumber(options, 'port', DEFAULT_PORT, MAX_PORT),
          authorities: wholeNumber(options, 'authorities', DEFAULT_AUTHORITIES, Number.MAX_SAFE_INTEGER),
          seeds: seedsOf(textOption(options, 'seed')),
          clock,
          signal: AbortSignal.any([signal, ...ended]),
          verbose: options['verbose'] === true,
        },
        output,
      );
    } finally {
      // Left open, it would keep this process from ending.
      if (untilStdinEnds) process.stdin.destroy();
    }
    return exitCode.ok;
  },
};

/**
 * Fires when the stream has ended. A program that starts a network and holds the other end of this pipe takes the network with
 * it, in whatever way it dies. People and service managers may close standard input at any time, so they have to ask for it.
 */
export function endOf(input: Readable): AbortSignal {
  const ended = new AbortController();
  for (const event of ['end', 'close', 'error']) {
    input.once(event, () => ended.abort(new AssayError('E_ABORTED')));
  }
  input.resume();
  return ended.signal;
}

function seedsOf(given: string | undefined): readonly string[] {
  if (given === undefined) return DEFAULT_SEEDS;
  const texts = given.split(',').filter((text) => text.trim() !== '');
  return texts.map((text) => formatPurl(unwrap(parsePackageInput(text))));
}

function wholeNumber(options: OptionValues, name: string, fallback: number, max: number): number {
  const text = textOption(options, name);
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max) {
    throw new AssayError('E_USAGE', { problem: `--${name} takes a whole number, not ${text}` });
  }
  return value;
}
