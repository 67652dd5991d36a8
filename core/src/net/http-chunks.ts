import type { Clock } from '../clock.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { concatBytes } from '../encoding/bytes.ts';
import { abortError, withDeadline } from './deadline.ts';

/** `fetch` as the platform has it, or a stand-in. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface HttpPorts {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Longest wait for the answer's head and for each piece of its body. */
  readonly timeoutMs: number;
}

/**
 * Makes a request and gives the body as it comes. `onHead` sees the answer first and may throw to refuse it. The
 * connection is let go however the loop ends. Rejects with an AssayError.
 */
export async function* fetchChunks(
  ports: HttpPorts,
  url: string,
  init: RequestInit,
  onHead: (response: Response) => void | Promise<void>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { clock, timeoutMs } = ports;
  const connection = new AbortController();
  const within = <T>(work: () => Promise<T>): Promise<T> => withDeadline(clock, timeoutMs, signal, work);
  try {
    const response = await within(() => ports.fetch(url, { ...init, signal: connection.signal })).catch(
      (error: unknown) => {
        throw asAssayError(error, 'E_UNREACHABLE', signal);
      },
    );
    await onHead(response);
    const reader = response.body?.getReader();
    if (reader === undefined) return;
    for (;;) {
      const { done, value } = await within(() => reader.read());
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw asAssayError(error, 'E_STREAM_CLOSED', signal);
  } finally {
    connection.abort();
  }
}

/** A whole body of at most `limit` bytes; `E_RESPONSE_TOO_LARGE` beyond. */
export async function fetchBody(
  ports: HttpPorts,
  url: string,
  init: RequestInit,
  limit: number,
  onHead: (response: Response) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of fetchChunks(ports, url, init, onHead, signal)) {
    total += chunk.length;
    if (total > limit) throw new AssayError('E_RESPONSE_TOO_LARGE', { limit });
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

function asAssayError(
  error: unknown,
  code: 'E_UNREACHABLE' | 'E_STREAM_CLOSED',
  signal: AbortSignal | undefined,
): AssayError {
  if (signal?.aborted === true) return abortError(signal);
  return isAssayError(error) ? error : new AssayError(code, {}, error);
}
