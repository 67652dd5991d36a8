import type { Clock } from './clock.ts';

/** Longest stretch of continuous work before other tasks get their turn. */
const BREATH_MS = 20;

/** To be awaited often inside long work: lets other tasks run when the last time was 20 ms ago or longer, else returns at once. */
export type Breathe = () => Promise<void>;

/** A Breathe that begins to count now. */
export function createBreathe(clock: Pick<Clock, 'elapsed' | 'sleep'>): Breathe {
  let breathedAt = clock.elapsed();
  return async () => {
    if (clock.elapsed() - breathedAt < BREATH_MS) return;
    await clock.sleep(0);
    breathedAt = clock.elapsed();
  };
}
