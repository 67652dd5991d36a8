import { setImmediate as otherTasks } from 'node:timers/promises';

/** Some milliseconds of encoding: votes and frames of others are never kept waiting for longer. */
const PIECE_BYTES = 128 * 1024;

/** Bytes in pieces, other tasks of the process running between them. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield bytes.subarray(at, at + PIECE_BYTES);
    await otherTasks();
  }
}
