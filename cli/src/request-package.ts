import type { Clock } from '@assay/core/clock.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import { signRequest } from '@assay/core/net/signed-request.ts';
import type { RequestClient } from '@assay/core/net/sources.ts';
import { formatPurl, parsePackageInput } from '@assay/core/records/purl.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';

export interface RequestOptions {
  readonly client: RequestClient;
  readonly trust: NetworkTrust;
  readonly clock: Clock;
  /** 32-byte seed of the requester's key. */
  readonly seed: Uint8Array;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: RequestProgress) => void;
}

/**
 * Signs and sends a request for `text` (a purl or what people type) and follows it to its end. Rejects with an AssayError when
 * nobody takes it; a request that fails later resolves with state `failed`.
 */
export async function requestPackage(text: string, options: RequestOptions): Promise<RequestProgress> {
  const { client, trust, clock, seed, signal, onProgress } = options;
  const request = await signRequest(
    {
      networkId: trust.networkId,
      purl: formatPurl(unwrap(parsePackageInput(text))),
      at: clock.now(),
      requester: publicKeyFromSeed(seed),
    },
    (message) => signEd25519Node(message, seed),
  );
  let progress = await client.submit(request, signal);
  onProgress?.(progress);
  if (isSettled(progress)) return progress;
  for await (progress of client.follow(progress.id, signal)) {
    onProgress?.(progress);
    if (isSettled(progress)) return progress;
  }
  throw new AssayError('E_STREAM_CLOSED');
}
