import type { MessageStream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { concatBytes, u32be } from '../encoding/bytes.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';

const LENGTH_BYTES = 4;
/** Largest piece handed to a stream at once: data channels slow down when their send queue is long. */
const SEND_CHUNK_BYTES = 64 * 1024;

/** A frame: 32-bit big-endian length, then one canonical CBOR map. */
export function encodeFrame(message: CborMap): Uint8Array {
  const body = encodeCbor(message);
  return concatBytes(u32be(body.length), body);
}

/** Sends one frame and waits while the stream's buffer is full. Rejects when the stream closes. */
export function sendFrame(stream: MessageStream, message: CborMap): Promise<void> {
  return sendFrameBytes(stream, encodeCbor(message));
}

/** Like `sendFrame`, for a body that is encoded already. */
export async function sendFrameBytes(stream: MessageStream, body: Uint8Array): Promise<void> {
  const frame = concatBytes(u32be(body.length), body);
  for (let offset = 0; offset < frame.length; offset += SEND_CHUNK_BYTES) {
    if (!stream.send(frame.subarray(offset, offset + SEND_CHUNK_BYTES))) await stream.onDrain();
  }
}

/** What a piece costs besides its bytes. Counted, so that a flood of tiny pieces takes no more memory than one of large ones. */
const PIECE_BYTES = 64;
/** Pieces that cost nothing: what the muxer cuts an ordinary frame into. */
const FREE_PIECES = 1024;

export interface FrameLimits {
  /** A longer announced frame aborts the stream before anything is kept of it. */
  readonly maxFrameBytes: number;
  /** More unread bytes than this abort the stream: the other side sends without being asked. */
  readonly maxBufferedBytes: number;
}

/**
 * Cuts what a stream receives into frames. Whatever breaks the rules (an empty or overlong frame, an end inside a frame, a flood)
 * aborts the stream and rejects `next` with a coded error; memory stays within the limits.
 */
export class FrameReader {
  readonly #stream: MessageStream;
  readonly #limits: FrameLimits;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #ended = false;
  #error: AssayError | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: MessageStream, limits: FrameLimits) {
    this.#stream = stream;
    this.#limits = limits;
    stream.addEventListener('message', this.#onMessage);
    stream.addEventListener('end', this.#onEnd);
    stream.addEventListener('close', this.#onClose);
    this.#ended = stream.readableEnded || stream.status === 'closed';
    if (stream.status === 'aborted' || stream.status === 'reset') {
      this.#error = new AssayError('E_STREAM_CLOSED');
    }
  }

  /** False once the stream has ended or failed, even if frames are left to be read. */
  get open(): boolean {
    return !this.#ended && this.#error === undefined;
  }

  /** The body of the next frame; undefined after a clean end. To be called by one reader at a time. */
  async next(): Promise<Uint8Array | undefined> {
    const header = await this.#take(LENGTH_BYTES, 'between frames');
    if (header === undefined) return undefined;
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0);
    if (length === 0) throw this.#abort(new AssayError('E_FRAME_EMPTY'));
    if (length > this.#limits.maxFrameBytes) {
      throw this.#abort(
        new AssayError('E_FRAME_TOO_LARGE', { bytes: length, limit: this.#limits.maxFrameBytes }),
      );
    }
    return await this.#take(length, 'inside a frame');
  }

  async #take(count: number, place: 'between frames' | 'inside a frame'): Promise<Uint8Array | undefined> {
    while (this.#buffered < count) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) {
        if (this.#buffered === 0 && place === 'between frames') return undefined;
        throw this.#abort(new AssayError('E_FRAME_TRUNCATED'));
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#consume(count);
  }

  #consume(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    let filled = 0;
    let used = 0;
    for (const chunk of this.#chunks) {
      const part = chunk.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length < chunk.length) {
        this.#chunks[used] = chunk.subarray(part.length);
        break;
      }
      used++;
    }
    this.#chunks.splice(0, used);
    this.#buffered -= count;
    return taken;
  }

  #abort(error: AssayError): AssayError {
    this.#error ??= error;
    this.#chunks = [];
    this.#buffered = 0;
    this.#stream.abort(error);
    return error;
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  readonly #onMessage = (event: StreamMessageEvent): void => {
    if (this.#error !== undefined) return;
    const chunk = event.data instanceof Uint8Array ? event.data : event.data.subarray();
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const overhead = PIECE_BYTES * Math.max(0, this.#chunks.length - FREE_PIECES);
    if (this.#buffered + overhead > this.#limits.maxBufferedBytes) {
      this.#abort(new AssayError('E_FRAME_FLOOD', { limit: this.#limits.maxBufferedBytes }));
    }
    this.#notify();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#notify();
  };

  readonly #onClose = (event: StreamCloseEvent): void => {
    this.#ended = true;
    if (event.error !== undefined) {
      this.#error ??= isAssayError(event.error)
        ? event.error
        : new AssayError('E_STREAM_CLOSED', {}, event.error);
    }
    this.#notify();
  };
}
