import { describe, expect, it } from 'vitest';
import { Slots } from './slots.ts';

const never = new AbortController().signal;

describe('Slots', () => {
  it('lets so many go on, and the next one when one has ended', async () => {
    const slots = new Slots(2);
    const log: string[] = [];
    const run = async (name: string): Promise<() => void> => {
      const release = await slots.take(never);
      log.push(name);
      return release;
    };
    const first = await run('a');
    await run('b');
    const third = run('c');
    await Promise.resolve();
    expect(log).toEqual(['a', 'b']);
    first();
    await third;
    expect(log).toEqual(['a', 'b', 'c']);
  });

  it('passes over those who went away while they waited', async () => {
    const slots = new Slots(1);
    const release = await slots.take(never);
    const stop = new AbortController();
    const gone = slots.take(stop.signal);
    const next = slots.take(never);
    stop.abort();
    await expect(gone).rejects.toMatchObject({ code: 'E_ABORTED' });
    release();
    (await next)();
    await slots.take(never);
  });
});
