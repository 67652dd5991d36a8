import type { Stream } from '@libp2p/interface';
import type { Clock } from '../clock.ts';
import type { CborMap } from '../encoding/cbor.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { abortError, withDeadline } from './deadline.ts';
import { FrameReader, sendFrame, type FrameLimits } from './frames.ts';

/** Opens a stream of one protocol to one peer. */
export type OpenStream = (signal: AbortSignal) => Promise<Stream>;

export interface FrameClientOptions extends FrameLimits {
  readonly open: OpenStream;
  readonly clock: Clock;
  /** Longest wait for the stream to open and for each answer. */
  readonly timeoutMs: number;
}

/** Streams kept open between requests, so that a request costs one round trip and no negotiation. */
const MAX_IDLE_STREAMS = 4;

interface Line {
  readonly stream: Stream;
  readonly reader: FrameReader;
  readonly reused: boolean;
}

/** Asks one peer over one protocol. Requests may run at the same time; each has a stream of its own. */
export class FrameClient {
  readonly #options: FrameClientOptions;
  #idle: Line[] = [];

  constructor(options: FrameClientOptions) {
    this.#options = options;
  }

  /** Sends a request and gives its one answer. */
  async ask(request: CborMap, signal?: AbortSignal): Promise<Uint8Array> {
    for await (const answer of this.answers(request, 1, signal)) return answer;
    throw new AssayError('E_STREAM_CLOSED');
  }

  /**
   * Sends a request and gives `count` answers as they come. Leaving the loop early, a missing answer, a timeout or the signal
   * ends the stream.
   */
  async *answers(request: CborMap, count: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    let line = await this.#line(signal);
    const stop = (): void => line.stream.abort(abortError(signal));
    signal?.addEventListener('abort', stop, { once: true });
    let received = 0;
    try {
      let answer = await this.#first(line, request, signal).catch(async (error: unknown) => {
        if (!line.reused || signal?.aborted === true) throw error;
        line = await this.#open(signal);
        return await this.#first(line, request, signal);
      });
      for (;;) {
        received++;
        yield answer;
        if (received === count) return;
        answer = await this.#next(line, signal);
      }
    } catch (error) {
      throw signal?.aborted === true ? abortError(signal) : asAssayError(error);
    } finally {
      signal?.removeEventListener('abort', stop);
      if (received === count && line.reader.open) this.#release(line);
      else line.stream.abort(new AssayError('E_ABORTED'));
    }
  }

  /** Ends the streams that wait for further requests. */
  close(): void {
    for (const { stream } of this.#idle) stream.abort(new AssayError('E_ABORTED'));
    this.#idle = [];
  }

  async #first(line: Line, request: CborMap, signal?: AbortSignal): Promise<Uint8Array> {
    await this.#within(line, signal, () => sendFrame(line.stream, request));
    return await this.#next(line, signal);
  }

  async #next(line: Line, signal?: AbortSignal): Promise<Uint8Array> {
    const answer = await this.#within(line, signal, () => line.reader.next());
    if (answer === undefined) throw new AssayError('E_STREAM_CLOSED');
    return answer;
  }

  async #within<T>(line: Line, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(this.#options.clock, this.#options.timeoutMs, signal, work);
    } catch (error) {
      line.stream.abort(asAssayError(error));
      throw error;
    }
  }

  async #line(signal?: AbortSignal): Promise<Line> {
    this.#idle = this.#idle.filter(({ reader }) => reader.open);
    const waiting = this.#idle.pop();
    return waiting === undefined ? await this.#open(signal) : { ...waiting, reused: true };
  }

  async #open(signal?: AbortSignal): Promise<Line> {
    try {
      const { clock, timeoutMs, open } = this.#options;
      const stream = await withDeadline(clock, timeoutMs, signal, open);
      return { stream, reader: new FrameReader(stream, this.#options), reused: false };
    } catch (error) {
      throw isAssayError(error) ? error : new AssayError('E_UNREACHABLE', {}, error);
    }
  }

  #release(line: Line): void {
    if (this.#idle.length < MAX_IDLE_STREAMS) this.#idle.push(line);
    else void line.stream.close().catch(() => undefined);
  }
}

function asAssayError(error: unknown): AssayError {
  return isAssayError(error) ? error : new AssayError('E_STREAM_CLOSED', {}, error);
}
