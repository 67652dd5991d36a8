import { describe, expect, it } from 'vitest';
import { NodeHolder, type HeldNode } from './node-holder.ts';

/** A holder of nodes that are counted, and that follow as the test says. */
function setUp(options: { follow?: () => Promise<boolean>; open?: () => Promise<void> } = {}) {
  const counts = { opened: 0, closed: 0 };
  const holder = new NodeHolder(async (): Promise<HeldNode> => {
    counts.opened++;
    await options.open?.();
    return {
      handlers: [],
      follow: options.follow ?? (() => Promise.resolve(true)),
      close: () => void counts.closed++,
    };
  });
  return { holder, counts };
}

describe('NodeHolder', () => {
  it('opens one node for requests that come at the same time, and keeps it', async () => {
    const { holder, counts } = setUp();
    const nodes = await Promise.all([holder.current(), holder.current(), holder.current()]);
    expect(await holder.current()).toBe(nodes[0]);
    expect(new Set(nodes).size).toBe(1);
    expect(counts).toEqual({ opened: 1, closed: 0 });
  });

  it('opens a new one when the log is contested', async () => {
    let isUsable = false;
    const { holder, counts } = setUp({ follow: async () => isUsable });
    const first = await holder.current();
    const next = await holder.current();
    expect(next).not.toBe(first);
    isUsable = true;
    expect(await holder.current()).toBe(next);
    expect(counts).toEqual({ opened: 2, closed: 1 });
  });

  it('opens a new one when the database is gone', async () => {
    const { holder, counts } = setUp({ follow: () => Promise.reject(new Error('closed')) });
    await holder.current();
    await holder.current();
    expect(counts.opened).toBe(2);
  });

  it('tries again after a failure', async () => {
    let isReachable = false;
    const { holder, counts } = setUp({
      open: () => (isReachable ? Promise.resolve() : Promise.reject(new Error('no network'))),
    });
    await expect(holder.current()).rejects.toThrow('no network');
    isReachable = true;
    await expect(holder.current()).resolves.toBeDefined();
    expect(counts.opened).toBe(2);
  });
});
