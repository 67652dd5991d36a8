import { crc32 } from 'node:zlib';
import { concatBytes } from '@assay/core/encoding/bytes.ts';

const HEAD_BYTES = 8;

/** Frames of a journal as bytes: u32 length, u32 CRC-32, payload; one after the other. */
export function encodeFrames(payloads: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...payloads.map((payload) => {
      const head = new DataView(new ArrayBuffer(HEAD_BYTES));
      head.setUint32(0, payload.length);
      head.setUint32(4, crc32(payload));
      return concatBytes(new Uint8Array(head.buffer), payload);
    }),
  );
}

/** What a journal turns out to hold: so many whole frames, then nothing, a torn tail, or a bad frame with others behind it. */
export interface JournalState {
  readonly whole: number;
  readonly end: 'clean' | 'torn' | 'damaged';
}

/** Reads a journal as `encodeFrames` writes it, whatever happened to its bytes. */
export function readFrames(journal: Uint8Array): JournalState {
  const view = new DataView(journal.buffer, journal.byteOffset, journal.length);
  let whole = 0;
  for (let at = 0; at < journal.length; whole++) {
    if (at + HEAD_BYTES > journal.length) return { whole, end: 'torn' };
    const end = at + HEAD_BYTES + view.getUint32(at);
    if (end > journal.length) return { whole, end: hasFrameAfter(journal, at) ? 'damaged' : 'torn' };
    if (crc32(journal.subarray(at + HEAD_BYTES, end)) !== view.getUint32(at + 4))
      return { whole, end: end < journal.length ? 'damaged' : 'torn' };
    at = end;
  }
  return { whole, end: 'clean' };
}

/** Whether a whole frame begins anywhere after `start`: then it was not a torn tail that ends there. */
function hasFrameAfter(journal: Uint8Array, start: number): boolean {
  const view = new DataView(journal.buffer, journal.byteOffset, journal.length);
  for (let at = start + 1; at + HEAD_BYTES < journal.length; at++) {
    const end = at + HEAD_BYTES + view.getUint32(at);
    if (end <= journal.length && end > at + HEAD_BYTES) {
      if (crc32(journal.subarray(at + HEAD_BYTES, end)) === view.getUint32(at + 4)) return true;
    }
  }
  return false;
}
