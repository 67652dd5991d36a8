import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { mediaTypeOf } from '@assay/core/registry/media-types.ts';

/** `fetch` as the platform has it, or a stand-in. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Headers that speak of the way over the network, which a stored copy has behind it. */
const HEADERS_OF_TRANSPORT = ['content-encoding', 'content-length', 'vary'];

/**
 * A file of the app, ready to be stored. Throws `E_SHELL_FILE` for whatever is not exactly the file of the build: a failed,
 * redirected or wrongly typed answer, or other bytes.
 */
export async function fetchShellFile(fetch: Fetch, path: string, digest: string): Promise<Response> {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new AssayError('E_SHELL_FILE', { path, reason }, cause);
  };
  const response = await fetch(path, { cache: 'no-cache', redirect: 'error' }).catch((error: unknown) =>
    refuse('the server cannot be reached', error),
  );
  if (response.status !== 200) return refuse(`the answer was ${response.status}`);
  const type = essence(response.headers.get('content-type') ?? 'none');
  if (type !== essence(mediaTypeOf(path))) return refuse(`it came as ${type}`);
  const body = await response.arrayBuffer().catch((error: unknown) => refuse('it broke off', error));
  if (toHex(sha256(new Uint8Array(body))) !== digest) return refuse('it is not the file of this build');
  const headers = new Headers(response.headers);
  for (const name of HEADERS_OF_TRANSPORT) headers.delete(name);
  headers.set('x-assay-handler', 'shell');
  return new Response(body, { headers });
}

function essence(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}
