import { describe, expect, it } from 'vitest';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { SyncLoop } from './sync-loop.ts';

function loop(outcomes: readonly boolean[] = []) {
  const clock = new ManualClock();
  const at: number[] = [];
  const start = clock.elapsed();
  const attempt = async (): Promise<boolean> => {
    at.push((clock.elapsed() - start) / 1000);
    await clock.sleep(100);
    return outcomes[at.length - 1] ?? true;
  };
  return { clock, at, loop: new SyncLoop(attempt, clock) };
}

describe('SyncLoop', () => {
  it('polls when nothing is heard', async () => {
    const { clock, at, loop: sync } = loop();
    sync.nudge();
    await clock.advance(61_000);
    expect(at).toEqual([0, 30.1, 60.2]);
  });

  it('tries again soon after a failure, then ever later', async () => {
    const { clock, at, loop: sync } = loop([false, false, false, false, false, false, false]);
    sync.nudge();
    await clock.advance(95_000);
    expect(at.map((second) => Math.round(second))).toEqual([0, 1, 3, 7, 15, 32, 62, 92]);
  });

  it('follows a hint at once, and one that comes during an attempt right after it', async () => {
    const { clock, at, loop: sync } = loop();
    sync.nudge();
    await clock.advance(50);
    sync.nudge();
    sync.nudge();
    await clock.advance(5000);
    sync.nudge();
    await clock.advance(1000);
    expect(at).toEqual([0, 0.1, 5.05]);
  });

  it('resolves `now` only after an attempt that began later', async () => {
    const { clock, at, loop: sync } = loop();
    sync.nudge();
    await clock.advance(50);
    const done = sync.now().then(() => at.length);
    await clock.advance(1000);
    expect(await done).toBe(2);
  });

  it('rests when stopped', async () => {
    const { clock, at, loop: sync } = loop();
    sync.nudge();
    await clock.advance(1000);
    sync.stop();
    await clock.advance(100_000);
    expect(at).toEqual([0]);
  });
});
