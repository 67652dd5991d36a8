import type { Clock } from '@assay/core/clock.ts';
import type { FileProgress as PhaseProgress } from '@assay/core/node/check-file.ts';
import type { FileProgress } from '../../lib/node/file-api.ts';

/** Shortest time between two tellings: a bar that moves ten times a second moves smoothly enough. */
const TELL_EVERY_MS = 100;

/** Bytes read at a time: few enough for any device, enough to keep the hash busy. */
const CHUNK_BYTES = 1024 * 1024;

/** The bytes of a file, one chunk after the other, so that a file of any size takes little memory. */
export async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < file.size; from += CHUNK_BYTES) {
    yield new Uint8Array(await file.slice(from, from + CHUNK_BYTES).arrayBuffer());
  }
}

/** Tells of the progress through a file of `size` bytes, seldom enough, with the rate of the phase. */
export function progressTeller(
  size: number,
  clock: Clock,
  tell: (progress: FileProgress) => void,
): (progress: PhaseProgress) => void {
  let current: PhaseProgress['phase'] | undefined;
  let began = 0;
  let told = 0;
  return ({ phase, done }) => {
    const now = clock.elapsed();
    if (phase !== current) [current, began, told] = [phase, now, 0];
    if (done < size && now - told < TELL_EVERY_MS) return;
    told = now;
    const seconds = (now - began) / 1000;
    tell({ phase, done, size, bytesPerSecond: seconds === 0 ? 0 : done / seconds });
  };
}
