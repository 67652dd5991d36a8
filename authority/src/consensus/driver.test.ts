import { afterEach, describe, expect, it, vi } from 'vitest';
import { headerDigest, type Block } from './block.ts';
import { Driver, type DriverPorts } from './driver.ts';
import { MemoryStore } from './memory-store.ts';
import { decodeMessage, encodeMessage } from './messages.ts';
import type { Write } from './events.ts';
import { fakeContext, fakeState, fakeTransaction } from './testing/fake-network.ts';
import { Solo } from './testing/solo.ts';

const peers = new Solo({ me: 0 });
const tx = fakeTransaction('pkg:npm/a@1.0.0');
let driver: Driver | undefined;

/** A driver of authority `me` of 4 whose sends, commits and notices are written down in order. */
function make(me = 0, changes: Partial<DriverPorts> = {}) {
  const context = fakeContext(me, 4);
  const happened: string[] = [];
  const store = new MemoryStore();
  const commit = store.commit.bind(store);
  store.commit = (writes: readonly Write[]) => {
    happened.push(`commit ${writes.map((write) => write.kind).join(' ')}`);
    commit(writes);
  };
  const say = (to: string) => (bytes: Uint8Array) => {
    const message = decodeMessage(bytes);
    happened.push(`${to} ${message.ok ? message.value.kind : 'nonsense'}`);
  };
  const ports: DriverPorts = {
    network: context,
    store,
    transport: { send: (to, bytes) => say(to)(bytes), broadcast: say('all') },
    logger: { info: () => undefined, warn: (text) => void happened.push(`warn ${text}`) },
    now: () => peers.now,
    random: () => 0.5,
    idleTick: 1_000,
    onFinal: (finals) =>
      void happened.push(`final ${finals.map((final) => final.block.header.height).join(' ')}`),
    onPublish: () => void happened.push('publish'),
    ...changes,
  };
  driver = new Driver(ports, fakeState(context));
  return { driver, happened, store };
}

function makeFinal(one: Driver, block: Block): void {
  const digest = headerDigest(block.header);
  one.receive('a1', encodeMessage({ kind: 'proposal', block, vote: peers.vote(1, 'notarise', 1, digest) }));
  one.receive(
    'a2',
    encodeMessage({ kind: 'certificate', certificate: peers.certificate('finalise', 1, digest) }),
  );
}

afterEach(() => {
  driver?.stop();
  vi.useRealTimers();
});

describe('the driver', () => {
  it('commits once for all that waits, and only then lets statements leave', () => {
    const { driver: one, happened } = make(1);
    one.post({ kind: 'transaction', bytes: tx });
    expect(happened).toEqual(['all transaction', 'commit block vote', 'all proposal']);
  });

  it('tells of final blocks after they are durable', () => {
    const { driver: one, happened } = make();
    const block = peers.block(1, [tx]);
    makeFinal(one, block);
    expect(happened.slice(-2)).toEqual(['commit final', 'final 1']);
  });

  it('lets nothing leave when a commit fails, then or later, and says so', () => {
    const { driver: one, happened, store } = make(1);
    store.commit = () => {
      throw new Error('disk full');
    };
    one.post({ kind: 'transaction', bytes: tx });
    one.post({ kind: 'tick' });
    expect(happened).not.toContain('all proposal');
    expect(one.state.halted?.reason).toContain('disk full');
    expect(happened.some((line) => line.startsWith('warn'))).toBe(true);
  });

  it('writes nothing more after a failed commit, lest the database have a hole', () => {
    const { driver: one, happened, store } = make(0);
    const { commit } = store;
    store.commit = () => {
      store.commit = commit;
      throw new Error('disk full');
    };
    makeFinal(one, peers.block(1, [tx]));
    expect(one.state.halted?.reason).toContain('disk full');
    expect(happened.filter((line) => line.startsWith('commit') || line.startsWith('final'))).toEqual([]);
    expect(store.finalBlock(1)).toBeUndefined();
  });

  it('survives garbage and warns of it once in a while; drops what claims to come from itself', () => {
    const { driver: one, happened } = make();
    one.receive('a2', new Uint8Array(0));
    one.receive('a2', Uint8Array.of(7));
    one.receive('a0', encodeMessage({ kind: 'transaction', bytes: tx }));
    expect(happened.map((line) => line.split(' ')[0])).toEqual(['warn']);
    expect(one.state.pending.size).toBe(0);
  });

  it('answers from the database, and nothing when it holds nothing', () => {
    const { driver: one, happened } = make();
    one.receive('a2', encodeMessage({ kind: 'fetch-final', from: 1 }));
    const block = peers.block(1, [tx]);
    makeFinal(one, block);
    one.receive('a2', encodeMessage({ kind: 'fetch-final', from: 1 }));
    expect(happened.filter((line) => line.startsWith('a2 '))).toEqual(['a2 final']);
  });

  it('gives a view up when its time is over, ticks quickly while busy and slowly while not', () => {
    vi.useFakeTimers();
    const { driver: one, happened } = make();
    one.start();
    one.receive('a2', encodeMessage({ kind: 'transaction', bytes: tx }));
    vi.advanceTimersByTime(299);
    expect(happened).not.toContain('all vote');
    vi.advanceTimersByTime(1);
    expect(happened).toContain('all vote');
    happened.length = 0;
    vi.advanceTimersByTime(5 * 100 * 1.1);
    expect(happened).toContain('all tip');
  });

  it('does nothing after it was stopped', () => {
    vi.useFakeTimers();
    const { driver: one, happened } = make();
    one.start();
    one.receive('a2', encodeMessage({ kind: 'transaction', bytes: tx }));
    one.stop();
    happened.length = 0;
    vi.advanceTimersByTime(100_000);
    one.receive('a2', encodeMessage({ kind: 'transaction', bytes: fakeTransaction('pkg:npm/b@1.0.0') }));
    expect(happened).toEqual([]);
  });
});
