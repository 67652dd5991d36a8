import { afterEach, describe, expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { NodeStatus } from '../../lib/node/api.ts';
import type { LeaderProcedures } from '../../lib/node/engine-procedures.ts';
import type { Handlers } from '../../lib/rpc/procedures.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { FleetChannel } from './fleet-messages.ts';

/** Locks as browsers have them, with a way to let a tab die. */
class FakeLocks {
  readonly #queues = new Map<string, { owner: string; run: () => void }[]>();

  of(owner: string): FleetOptions['locks'] {
    const request = (name: string, run: (lock: Lock | null) => unknown): Promise<unknown> => {
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      return new Promise((resolve, reject) => {
        const next = (): void => {
          void Promise.resolve(run(null))
            .then(resolve, reject)
            .finally(() => this.#leave(name, owner));
        };
        queue.push({ owner, run: next });
        if (queue.length === 1) next();
      });
    };
    return { request } as FleetOptions['locks'];
  }

  kill(owner: string): void {
    for (const name of this.#queues.keys()) this.#leave(name, owner);
  }

  #leave(name: string, owner: string): void {
    const queue = this.#queues.get(name) ?? [];
    const [head] = queue;
    const rest = queue.filter((waiting) => waiting.owner !== owner);
    this.#queues.set(name, rest);
    if (head?.owner === owner) rest[0]?.run();
  }
}

const status = (size: number): NodeStatus => ({
  phase: 'synced',
  size,
  target: size,
  leader: true,
  peers: 0,
});
const channels: BroadcastChannel[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

let tests = 0;

/** Opens tabs on one channel; each answers `fetch` as `behave` says. */
function origin(behave: (tab: string) => Partial<Handlers<LeaderProcedures>> = () => ({})) {
  const locks = new FakeLocks();
  const name = `fleet-${tests++}`;
  const heard: string[] = [];
  const openTab = (id: string): { fleet: Fleet; close(): void } => {
    const broadcast = new BroadcastChannel(name);
    channels.push(broadcast);
    const handlers = {
      request: async () => Promise.reject(new AssayError('E_REFUSED', { reason: `by ${id}` })),
      syncNow: async () => null,
      ...behave(id),
    } as Handlers<LeaderProcedures>;
    const fleet = new Fleet({
      channel: new FleetChannel(broadcast as unknown as ConstructorParameters<typeof FleetChannel>[0], id),
      locks: locks.of(id),
      lead: async () => {
        queueMicrotask(() => fleet.publish(status(1)));
        return handlers;
      },
      onLeaderStatus: ({ size }) => heard.push(`${id} heard ${size}`),
      onReset: () => heard.push(`${id} reset`),
    });
    void fleet.join();
    return {
      fleet,
      close() {
        broadcast.close();
        locks.kill(id);
      },
    };
  };
  return { openTab, heard };
}

const fetchOf = { purl: 'pkg:npm/a@1.0.0', artifact: 'a.tgz' };
const verification = (by: string) => ({ verdict: 'verified', purl: by, rungs: [], ms: 0 }) as const;
const progress = { phase: 'receiving', received: 1 } as unknown as LeaderProcedures['fetch']['news'];

describe('Fleet', () => {
  it('lets the first tab lead and the others hear of it', async () => {
    const { openTab, heard } = origin();
    const a = openTab('a');
    const b = openTab('b');
    await expect.poll(() => heard).toContain('b heard 1');
    expect([a.fleet.leading, b.fleet.leading]).toEqual([true, false]);
    a.fleet.publish(status(5));
    await expect.poll(() => heard).toContain('b heard 5');
  });

  it('answers calls of followers with news and coded errors, and its own without detour', async () => {
    const { openTab } = origin((tab) => ({
      async fetch(_input, { news }) {
        news(progress);
        return verification(tab);
      },
    }));
    const a = openTab('a');
    const b = openTab('b');
    const news: unknown[] = [];
    const answer = await b.fleet.call('fetch', fetchOf, { onNews: (one) => news.push(one) });
    expect(answer.purl).toBe('a');
    expect(news).toEqual([progress]);
    expect((await a.fleet.call('fetch', fetchOf)).purl).toBe('a');
    await expect(b.fleet.call('request', 'a')).rejects.toMatchObject({
      code: 'E_REFUSED',
      fields: { reason: 'by a' },
    });
  });

  it('makes a call again to the next leader when the first goes in the middle of it', async () => {
    const asked: string[] = [];
    const { openTab } = origin((tab) => ({
      fetch: (input) => {
        asked.push(`${tab} ${input.artifact}`);
        return tab === 'a' ? new Promise(() => undefined) : Promise.resolve(verification(tab));
      },
    }));
    const a = openTab('a');
    const b = openTab('b');
    const c = openTab('c');
    const calls = [b, c].map(({ fleet }) => fleet.call('fetch', fetchOf));
    await expect.poll(() => asked.length).toBe(2);
    a.close();
    expect((await Promise.all(calls)).map(({ purl }) => purl)).toEqual(['b', 'b']);
    expect(b.fleet.leading).toBe(true);
  });

  it('stops working for a tab that is gone', async () => {
    const stopped = Promise.withResolvers<void>();
    const { openTab } = origin(() => ({
      fetch: (_input, { signal }) => {
        signal.addEventListener('abort', () => stopped.resolve());
        return new Promise(() => undefined);
      },
    }));
    openTab('a');
    const b = openTab('b');
    void b.fleet.call('fetch', fetchOf).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    b.close();
    await stopped.promise;
  });

  it('tells all other tabs of a reset', async () => {
    const { openTab, heard } = origin();
    const a = openTab('a');
    openTab('b');
    openTab('c');
    a.fleet.announceReset();
    await expect.poll(() => heard.filter((text) => text.endsWith('reset'))).toEqual(['b reset', 'c reset']);
  });
});
