import { AssayError, fromWire } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { findNetwork } from '../client.ts';
import { networkOptions, type Command } from '../command.ts';
import { exitCode } from '../exit-code.ts';
import { errorText } from '../output.ts';
import { requestPackage } from '../request-package.ts';
import { requesterSeed } from '../requester-key.ts';

/** `assay request`: asks the authorities to look at a package, and waits for what comes of it. */
export const requestCommand: Command = {
  usage: 'request PURL [--data DIR | --relay URL]',
  summary: 'Ask the authorities for a package and follow the request to its end',
  options: networkOptions,
  operands: [1, 1],
  async run(context) {
    const { operands, output, clock, signal } = context;
    const { relay, trust, folder } = await findNetwork(context);
    const settled = await requestPackage(operands[0] ?? '', {
      client: relay,
      trust,
      clock,
      signal,
      seed: await requesterSeed(folder),
      onProgress: (progress) => output.progress({ event: 'request', ...progress }, progressText(progress)),
    });
    output.result({ ...settled }, settledText(settled));
    return settled.state === 'in-log' ? exitCode.ok : exitCode.failed;
  },
};

function progressText({ purl, state, agreed, needed }: RequestProgress): string {
  return `${purl}: ${state}, ${agreed} of ${needed} needed agree`;
}

function settledText(settled: RequestProgress): string {
  if (settled.state === 'in-log') return `${settled.purl} is record ${settled.index ?? '?'} of the log.`;
  const error =
    settled.error === undefined ? new AssayError('E_UNKNOWN', { code: 'none' }) : fromWire(settled.error);
  const seen = settled.authorities.map((authority) => {
    const what =
      authority.error === undefined
        ? (authority.digest ?? authority.state)
        : fromWire(authority.error).message;
    return `  ${authority.name}: ${what}`;
  });
  return [`${settled.purl} was not added. ${errorText(error)}`, ...seen].join('\n');
}
