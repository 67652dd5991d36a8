import type { Clock } from '../clock.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
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
    // A refusal may have to be read out of the body, which may never come.
    await within(async () => await onHead(response));
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

/** A whole body of at most `limit` bytes; `E_RESPONSE_TOO_LARGE` beyond, `E_TIMEOUT` for one that only trickles. */
export async function fetchBody(
  ports: HttpPorts,
  url: string,
  init: RequestInit,
  limit: number,
  onHead: (response: Response) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { clock, timeoutMs } = ports;
  const start = clock.elapsed();
  let body = new Uint8Array(0);
  let total = 0;
  for await (const chunk of fetchChunks(ports, url, init, onHead, signal)) {
    if (total + chunk.length > limit) throw new AssayError('E_RESPONSE_TOO_LARGE', { limit });
    // Grows by doubling: a list of pieces could hold far more than the bytes in them.
    if (total + chunk.length > body.length) body = withRoom(body, total + chunk.length);
    body.set(chunk, total);
    total += chunk.length;
    const lateMs = clock.elapsed() - start - timeoutMs;
    if (total < (lateMs / 1000) * LEAST_BYTES_PER_SECOND)
      throw new AssayError('E_TIMEOUT', { seconds: Math.ceil((lateMs + timeoutMs) / 1000) });
  }
  return body.slice(0, total);
}

/** A body that comes more slowly, once the time for one piece has passed, comes from somebody who wants to keep us waiting. */
const LEAST_BYTES_PER_SECOND = 4096;

function withRoom(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}

function asAssayError(
  error: unknown,
  code: 'E_UNREACHABLE' | 'E_STREAM_CLOSED',
  signal: AbortSignal | undefined,
): AssayError {
  if (signal?.aborted === true) return abortError(signal);
  return isAssayError(error) ? error : new AssayError(code, {}, error);
}
