import type { Clock } from '@assay/core/clock.ts';
import { AssayError, explain, fromWire } from '@assay/core/errors/assay-error.ts';
import { createHttpMirror } from '@assay/core/net/http-mirror.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { errorText, type Output } from '../output.ts';
import { requestPackage } from '../request-package.ts';

/** Small, well-known packages, so that the page of a new network is not empty. */
export const DEFAULT_SEEDS = [
  'pkg:npm/clsx@2.1.1',
  'pkg:npm/mitt@3.0.1',
  'pkg:npm/escape-string-regexp@5.0.0',
];

/** The relay answers at once; what takes long comes as progress. */
const HTTP_TIMEOUT_MS = 30_000;

/** Requests packages as any visitor would, and says how each went. Never rejects: a network without seeds is a network. */
export async function seed(
  purls: readonly string[],
  network: {
    readonly relay: string;
    readonly trust: NetworkTrust;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    readonly seed: Uint8Array;
  },
  output: Output,
): Promise<void> {
  const client = createHttpMirror({
    baseUrl: network.relay,
    fetch,
    clock: network.clock,
    timeoutMs: HTTP_TIMEOUT_MS,
  });
  await Promise.all(
    purls.map(async (purl) => {
      try {
        const settled = await requestPackage(purl, { client, ...network });
        report(settled, output);
      } catch (error) {
        output.result({ event: 'seed', purl, state: 'failed' }, `seed       ${purl}: ${errorText(error)}`);
      }
    }),
  );
}

function report(settled: RequestProgress, output: Output): void {
  const { purl, state, index, agreed, authorities, error } = settled;
  if (state === 'in-log') {
    const text = `seed       ${purl} is record ${index ?? '?'} (${agreed} of ${authorities.length} agreed)`;
    output.result({ event: 'seed', purl, state, index }, text);
    return;
  }
  const { happened, remedy } = explain(error === undefined ? new AssayError('E_UNKNOWN') : fromWire(error));
  output.result(
    { event: 'seed', purl, state, error },
    `seed       ${purl} was not added. ${happened} ${remedy}`,
  );
}
