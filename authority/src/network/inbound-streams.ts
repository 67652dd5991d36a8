import type { Stream } from '@libp2p/interface';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { FrameReader } from '@assay/core/net/frames.ts';

/** Unread frames of one stream beyond this many frames' worth of bytes abort it; as many may wait to be sent. */
export const BUFFERED_FRAMES = 8;
/**
 * An authority keeps one inbound stream per peer and protocol; a few more while a lost one is replaced. Beyond these the oldest is
 * ended, over whichever connection it came: each may hold frames in memory.
 */
export const MAX_INBOUND_STREAMS = 8;

export interface InboundStreamsOptions {
  readonly maxFrameBytes: number;
  readonly onFrame: (from: string, frame: Uint8Array) => void;
  /** Told of streams that broke the rules. */
  readonly onMisbehaviour: (from: string, error: unknown) => void;
}

/** The streams of one protocol that peers have opened: the newest few of each are heard. */
export class InboundStreams {
  readonly #options: InboundStreamsOptions;
  readonly #streams = new Map<string, Set<Stream>>();

  constructor(options: InboundStreamsOptions) {
    this.#options = options;
  }

  /** Hears a stream of a peer to its end. Never rejects. */
  async hear(from: string, stream: Stream): Promise<void> {
    const ofPeer = this.#streams.get(from) ?? new Set();
    this.#streams.set(from, ofPeer.add(stream));
    const [oldest] = ofPeer;
    if (ofPeer.size > MAX_INBOUND_STREAMS && oldest !== undefined) {
      ofPeer.delete(oldest);
      oldest.abort(new AssayError('E_REFUSED', { reason: 'too many streams of one authority' }));
    }
    await this.#receive(from, stream, ofPeer);
    ofPeer.delete(stream);
  }

  /** Ends all streams of a peer: what it sent before is not heard any more. */
  end(from: string, reason: AssayError): void {
    const ofPeer = this.#streams.get(from) ?? new Set();
    this.#streams.delete(from);
    for (const stream of ofPeer) {
      ofPeer.delete(stream);
      stream.abort(reason);
    }
  }

  async #receive(from: string, stream: Stream, ofPeer: ReadonlySet<Stream>): Promise<void> {
    const { maxFrameBytes, onFrame, onMisbehaviour } = this.#options;
    const maxBufferedBytes = BUFFERED_FRAMES * maxFrameBytes;
    const reader = new FrameReader(stream, { maxFrameBytes, maxBufferedBytes });
    try {
      for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
        if (!ofPeer.has(stream)) break;
        onFrame(from, frame);
      }
      await stream.close();
    } catch (error) {
      const lost = error instanceof AssayError && error.code === 'E_STREAM_CLOSED';
      const ended = !ofPeer.has(stream);
      stream.abort(error instanceof Error ? error : new AssayError('E_STREAM_CLOSED'));
      if (!lost && !ended) onMisbehaviour(from, error);
    }
  }
}
