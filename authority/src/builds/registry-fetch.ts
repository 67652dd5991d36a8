import type { Clock } from '@assay/core/clock.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted, withDeadline } from '@assay/core/net/deadline.ts';
import { leadsInside } from './internal-host.ts';

/** How the registry is asked. */
export interface RegistryFetchOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** First pause before a further try; it doubles each time. */
  readonly retryDelayMs: number;
}

/** One download. */
export interface Download {
  /** What is fetched, for error texts: `clsx@2.1.1`. */
  readonly name: string;
  readonly url: URL;
  readonly accept: string;
  /** More bytes than this are not read. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const TRIES = 4;
const MAX_REDIRECTS = 5;
/** Until the head of an answer is there. */
const ANSWER_TIMEOUT_MS = 15_000;
/** Between two pieces of a body. */
const STALL_TIMEOUT_MS = 15_000;

/**
 * The bytes at a URL. Answers that may be better next time (none at all, a broken one, 429, 5xx) are asked for again, three
 * times. Throws AssayErrors: `E_NOT_FOUND` for 404, `E_UPSTREAM_STATUS`, `E_UPSTREAM_UNREACHABLE`, `E_UPSTREAM_TOO_LARGE`,
 * `E_ABORTED`.
 */
export async function download(options: RegistryFetchOptions, what: Download): Promise<Uint8Array> {
  let delayMs = options.retryDelayMs;
  for (let tries = 1; ; tries++) {
    try {
      return await downloadOnce(options, what);
    } catch (error) {
      if (tries === TRIES || what.signal.aborted || !mayPass(error)) throw error;
    }
    await options.clock.sleep(delayMs, what.signal);
    delayMs *= 2;
  }
}

function mayPass(error: unknown): boolean {
  if (!isAssayError(error)) return false;
  const { code, fields } = error;
  if (code === 'E_UPSTREAM_STATUS') return Number(fields['status']) >= 500 || fields['status'] === 429;
  return code === 'E_UPSTREAM_UNREACHABLE';
}

async function downloadOnce(options: RegistryFetchOptions, what: Download): Promise<Uint8Array> {
  const ended = new AbortController();
  const signal = AbortSignal.any([what.signal, ended.signal]);
  try {
    const response = await follow(options, what, signal);
    return await readBody(response, options.clock, what);
  } catch (error) {
    throwIfAborted(what.signal);
    throw isAssayError(error) && error.code !== 'E_TIMEOUT' ? error : unreachable(error);
  } finally {
    ended.abort();
  }
}

/** Redirects are followed by hand: never to another protocol, so that TLS cannot be taken away, and never from outside to inside. */
async function follow(
  { fetch, clock }: RegistryFetchOptions,
  { name, url, accept }: Download,
  signal: AbortSignal,
): Promise<Response> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await withDeadline(clock, ANSWER_TIMEOUT_MS, signal, () =>
      fetch(target, { headers: { accept }, redirect: 'manual', signal }),
    );
    if (response.ok) return response;
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) {
      if (response.status === 404) throw new AssayError('E_NOT_FOUND', { what: name });
      throw new AssayError('E_UPSTREAM_STATUS', { status: response.status, name });
    }
    const next = URL.parse(location, target);
    if (next === null || next.protocol !== url.protocol) {
      throw new AssayError('E_UPSTREAM_ANSWER', { name, reason: 'it redirects to another protocol' });
    }
    if (leadsInside(url, next)) {
      throw new AssayError('E_UPSTREAM_ANSWER', {
        name,
        reason: 'it redirects into the network of this authority',
      });
    }
    target = next;
  }
  throw new AssayError('E_UPSTREAM_ANSWER', { name, reason: 'it redirects too often' });
}

async function readBody(response: Response, clock: Clock, what: Download): Promise<Uint8Array> {
  const { name, maxBytes, signal } = what;
  const tooLarge = (size: number): AssayError =>
    new AssayError('E_UPSTREAM_TOO_LARGE', { name, size, limit: maxBytes });
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > maxBytes) throw tooLarge(announced);
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await withDeadline(clock, STALL_TIMEOUT_MS, signal, () => reader.read());
    if (done) return joined(chunks, size);
    size += value.length;
    if (size > maxBytes) throw tooLarge(size);
    chunks.push(value);
  }
}

/** As `concatBytes`, for more chunks than fit into an argument list. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function unreachable(error: unknown): AssayError {
  return new AssayError('E_UPSTREAM_UNREACHABLE', { reason: reasonOf(error) }, error);
}

/** What `fetch` says is wrong stands in the cause, which names no address of ours. */
function reasonOf(error: unknown): string {
  if (isAssayError(error)) return error.message.replace(/\.$/, '');
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = (cause as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return cause instanceof Error ? cause.message : String(cause);
}
