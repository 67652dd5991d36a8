import type { Clock } from '@assay/core/clock.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { isLoopback } from '../limits/ip-address.ts';
import { NO_STORE } from './answers.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';

/** A comment is sent after this long without an event, so that dead connections are noticed and live ones kept. */
const HEARTBEAT_MS = 15_000;
/** Streams open at a time, a few kilobytes each. */
const MAX_STREAMS = 2_000;
/** Of one address: all tabs of a household. */
const MAX_STREAMS_PER_ADDRESS = 32;

/** Counts open event streams. */
export class StreamCounter {
  readonly #open = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Notes one more stream and gives the function that notes its end; throws `E_HTTP_STREAMS` when there are too many. */
  take(client: string): () => void {
    const own = this.#open.get(client) ?? 0;
    const limit = isLoopback(client) ? MAX_STREAMS : MAX_STREAMS_PER_ADDRESS;
    if (own >= limit || this.#total >= MAX_STREAMS) throw new AssayError('E_HTTP_STREAMS', { limit });
    this.#open.set(client, own + 1);
    this.#total++;
    return () => {
      const left = (this.#open.get(client) ?? 1) - 1;
      if (left > 0) this.#open.set(client, left);
      else this.#open.delete(client);
      this.#total--;
    };
  }
}

/** Whether the asker wants server-sent events. */
export function wantsEventStream({ headers }: HttpRequest): boolean {
  return headers['accept']?.includes('text/event-stream') === true;
}

/** Answers with one event, in JSON, for each value, until there are no more or the client goes away. */
export function eventStreamAnswer(
  request: HttpRequest,
  values: AsyncIterable<unknown>,
  options: { readonly counter: StreamCounter; readonly clock: Clock },
): HttpAnswer {
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': NO_STORE };
  if (request.method === 'HEAD') return { status: 200, headers };
  const release = options.counter.take(request.client);
  if (request.signal.aborted) release();
  else request.signal.addEventListener('abort', release, { once: true });
  return { status: 200, headers, body: events(values, options.clock, request.signal) };
}

async function* events(
  values: AsyncIterable<unknown>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    yield utf8(': connected\n\n');
    let next = iterator.next();
    while (!signal.aborted) {
      const timer = new AbortController();
      const stop = (): void => timer.abort();
      signal.addEventListener('abort', stop, { once: true });
      const silence = clock.sleep(HEARTBEAT_MS, timer.signal).then(() => 'silence' as const);
      const step = await Promise.race([next, silence]);
      signal.removeEventListener('abort', stop);
      timer.abort();
      if (step === 'silence') {
        yield utf8(': still here\n\n');
        continue;
      }
      if (step.done === true) return;
      yield utf8(`data: ${JSON.stringify(step.value)}\n\n`);
      next = iterator.next();
    }
  } finally {
    void iterator.return?.();
  }
}
