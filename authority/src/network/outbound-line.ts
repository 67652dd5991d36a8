import type { Stream } from '@libp2p/interface';
import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { withDeadline } from '@assay/core/net/deadline.ts';
import { sendFrameBytes } from '@assay/core/net/frames.ts';

export interface OutboundLineOptions {
  readonly open: (signal: AbortSignal) => Promise<Stream>;
  readonly clock: Clock;
  /** Frames that wait for a slow or absent peer, in bytes; the oldest are dropped beyond it. */
  readonly maxQueuedBytes: number;
  /** Called whenever a stream was opened. */
  readonly onOpen?: () => void;
}

const FIRST_BACKOFF_MS = 50;
/** An authority that comes back is heard from within this time. */
const MAX_BACKOFF_MS = 2_000;
/** A stream that breaks sooner than this after its opening counts as a failed try. */
const STABLE_MS = 1_000;
const OPEN_TIMEOUT_MS = 5_000;
/** A peer that takes nothing for this long is not there any more, whatever its connection says. */
const SEND_TIMEOUT_MS = 15_000;
/** While a peer cannot be reached, only its newest frames are kept: what is older, its protocol sends again. */
const MAX_QUEUED_FRAMES = 256;

/**
 * Sends frames to one peer over one protocol, in order. It keeps a stream open at all times, opening it anew when it
 * breaks. Never throws; drops what cannot be sent.
 */
export class OutboundLine {
  readonly #options: OutboundLineOptions;
  readonly #stopped = new AbortController();
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #wakeSender = (): void => undefined;
  #endPause = (): void => undefined;

  constructor(options: OutboundLineOptions) {
    this.#options = options;
  }

  /** Opens the line and keeps it open until `stop`. */
  start(): void {
    void this.#run();
  }

  send(frame: Uint8Array): void {
    if (this.#stopped.signal.aborted) return;
    this.#queue.push(frame);
    this.#queuedBytes += frame.length;
    while (this.#queue.length > MAX_QUEUED_FRAMES || this.#queuedBytes > this.#options.maxQueuedBytes) {
      this.#dequeue();
    }
    this.#wakeSender();
  }

  /** The peer was just seen: a pause before the next try ends now. */
  retryNow(): void {
    this.#endPause();
  }

  stop(): void {
    this.#stopped.abort();
    this.#queue = [];
    this.#wakeSender();
  }

  async #run(): Promise<void> {
    const { open, clock, onOpen } = this.#options;
    const { signal } = this.#stopped;
    let backoffMs = FIRST_BACKOFF_MS;
    while (!signal.aborted) {
      let openedAt: number | undefined;
      try {
        const stream = await withDeadline(clock, OPEN_TIMEOUT_MS, signal, open);
        openedAt = clock.elapsed();
        onOpen?.();
        await this.#sendOver(stream);
      } catch {
        // The line opens again: an unreachable peer is an ordinary state, which `connected` of the mesh shows.
      }
      const stable = openedAt !== undefined && clock.elapsed() - openedAt >= STABLE_MS;
      backoffMs = stable ? FIRST_BACKOFF_MS : Math.min(2 * backoffMs, MAX_BACKOFF_MS);
      await this.#pause(backoffMs);
    }
  }

  /** Sends what is queued as it comes, until the stream breaks or the line is stopped. */
  async #sendOver(stream: Stream): Promise<void> {
    const onClose = (): void => this.#wakeSender();
    stream.addEventListener('close', onClose);
    const onStop = (): void => stream.abort(new AssayError('E_ABORTED'));
    this.#stopped.signal.addEventListener('abort', onStop);
    try {
      while (stream.status === 'open') {
        const frame = this.#dequeue();
        if (frame !== undefined) await this.#sendFrame(stream, frame);
        else await new Promise<void>((resolve) => (this.#wakeSender = resolve));
      }
    } finally {
      stream.removeEventListener('close', onClose);
      this.#stopped.signal.removeEventListener('abort', onStop);
      if (stream.status === 'open') stream.abort(new AssayError('E_STREAM_CLOSED'));
    }
  }

  async #sendFrame(stream: Stream, frame: Uint8Array): Promise<void> {
    await withDeadline(this.#options.clock, SEND_TIMEOUT_MS, this.#stopped.signal, () =>
      sendFrameBytes(stream, frame),
    );
  }

  #dequeue(): Uint8Array | undefined {
    const frame = this.#queue.shift();
    this.#queuedBytes -= frame?.length ?? 0;
    return frame;
  }

  async #pause(ms: number): Promise<void> {
    const pause = new AbortController();
    this.#endPause = () => pause.abort();
    await this.#options.clock.sleep(ms, AbortSignal.any([this.#stopped.signal, pause.signal]));
  }
}
