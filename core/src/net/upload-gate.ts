import type { Clock } from '../clock.ts';

/** What the owner of a node allows it to give away. */
export interface UploadSettings {
  readonly serve: boolean;
  /** Upper limit over all peers together; undefined means none. */
  readonly bytesPerSecond?: number;
}

/** Asked before each block is sent. */
export interface UploadGate {
  /** Waits for the block's turn; false when it is not to be sent. */
  admit(bytes: number): Promise<boolean>;
}

/** Blocks that would have to wait longer are refused, so that the asker turns to others. */
const MAX_WAIT_MS = 4_000;

/** A gate that obeys the settings of the moment. All peers draw on one budget that never saves up. */
export function createUploadGate(options: { clock: Clock; settings: () => UploadSettings }): UploadGate {
  const { clock, settings } = options;
  let freeAt = -Infinity;
  return {
    async admit(bytes) {
      const { serve, bytesPerSecond } = settings();
      if (!serve) return false;
      if (bytesPerSecond === undefined) return true;
      const now = clock.elapsed();
      const start = Math.max(now, freeAt);
      if (bytesPerSecond <= 0 || start - now > MAX_WAIT_MS) return false;
      freeAt = start + (bytes / bytesPerSecond) * 1000;
      if (start > now) await clock.sleep(start - now);
      return settings().serve;
    },
  };
}
