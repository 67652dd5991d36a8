import { expect, it } from 'vitest';
import { createClock, type TimePlatform } from './clock.ts';

/** A platform that notes what it is asked for and lets every wait end at once. */
function notingPlatform(hasScheduler: boolean): TimePlatform & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    Date: { now: () => 1_999 },
    performance: { now: () => 5 },
    setTimeout: (callback, ms) => {
      asked.push(`timer ${ms}`);
      queueMicrotask(callback);
    },
    clearTimeout: () => undefined,
    scheduler: hasScheduler
      ? {
          async postTask(callback) {
            asked.push('task');
            callback();
          },
        }
      : undefined,
  };
}

it('tells whole seconds and running milliseconds', () => {
  const clock = createClock(notingPlatform(false));
  expect([clock.now(), clock.elapsed()]).toEqual([1, 5]);
});

it('gives way by a task where there are tasks, and by a timer elsewhere', async () => {
  for (const [hasScheduler, asked] of [
    [true, ['task', 'timer 7']],
    [false, ['timer 0', 'timer 7']],
  ] as const) {
    const platform = notingPlatform(hasScheduler);
    await createClock(platform).sleep(0);
    await createClock(platform).sleep(7);
    expect(platform.asked).toEqual(asked);
  }
});

it('does not wait after an abort', async () => {
  const platform = notingPlatform(true);
  await createClock(platform).sleep(0, AbortSignal.abort());
  expect(platform.asked).toEqual([]);
});

it('wakes up when it is aborted', async () => {
  const controller = new AbortController();
  const asleep = createClock(globalThis).sleep(60_000, controller.signal);
  controller.abort();
  await expect(asleep).resolves.toBeUndefined();
});
