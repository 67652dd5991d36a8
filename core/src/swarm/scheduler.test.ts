import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssayError } from '../errors/assay-error.ts';
import { Scheduler, type Assignment } from './scheduler.ts';

const BLOCK = 32 * 1024;
const make = (blocks: number, known = blocks): Scheduler => {
  const scheduler = new Scheduler({ blockSize: BLOCK, maxBlocks: blocks });
  scheduler.setKnown(known, known === blocks ? blocks : undefined);
  return scheduler;
};
const only = (assignments: readonly Assignment[]): Assignment => {
  expect(assignments).toHaveLength(1);
  return assignments[0] as Assignment;
};
/** Lets a source deliver all of an assignment in `ms`. */
function deliver(scheduler: Scheduler, assignment: Assignment, now: number, ms: number): number {
  for (const index of assignment.indexes) scheduler.markDone(index, now + ms, assignment.id);
  scheduler.finish(assignment.id, now + ms);
  return now + ms;
}

describe('Scheduler', () => {
  it('asks one mirror beyond what is known at first, and nobody else', () => {
    const scheduler = make(1000, 1);
    scheduler.addSource({ id: 'm', kind: 'mirror' });
    scheduler.addSource({ id: 'n', kind: 'mirror' });
    expect([...only(scheduler.assign(0)).indexes]).toEqual(Array.from({ length: 32 }, (_, i) => i));
  });

  it('asks a peer only for blocks it can name', () => {
    const scheduler = make(1000, 1);
    scheduler.addSource({ id: 'p', kind: 'peer' });
    expect([...only(scheduler.assign(0)).indexes]).toEqual([0]);
  });

  it('asks faster sources for more', () => {
    const scheduler = make(5000);
    scheduler.addSource({ id: 'fast', kind: 'mirror' });
    scheduler.addSource({ id: 'slow', kind: 'peer' });
    for (const assignment of scheduler.assign(0)) {
      deliver(scheduler, assignment, 0, assignment.source === 'fast' ? 100 : 2000);
    }
    const next = scheduler.assign(2000);
    const sizes = ['fast', 'slow'].map((id) => next.find(({ source }) => source === id)?.indexes.size);
    expect(sizes).toEqual([320, 2]);
  });

  it('gives no block to two sources while others are free', () => {
    const scheduler = make(200);
    for (const id of ['a', 'b', 'c']) scheduler.addSource({ id, kind: 'mirror' });
    const indexes = scheduler.assign(0).flatMap((assignment) => [...assignment.indexes]);
    expect(new Set(indexes).size).toBe(indexes.length);
  });

  it('at the end asks a second source for what a silent one owes, and calls the first off when it comes', () => {
    const scheduler = make(4);
    scheduler.addSource({ id: 'silent', kind: 'mirror' });
    const first = only(scheduler.assign(0));
    scheduler.addSource({ id: 'quick', kind: 'peer' });
    expect(scheduler.assign(100)).toEqual([]);
    const second = only(scheduler.assign(300));
    expect([...second.indexes]).toEqual([0, 1, 2, 3]);
    const useless = [0, 1, 2, 3].flatMap((index) => scheduler.markDone(index, 400, second.id));
    expect(useless).toEqual([first.id]);
    expect(scheduler.complete).toBe(true);
  });

  it('notices silence, first and between blocks', () => {
    const scheduler = make(4);
    scheduler.addSource({ id: 'm', kind: 'mirror' });
    const { id } = only(scheduler.assign(0));
    expect(scheduler.stalled(9_999)).toEqual([]);
    scheduler.markDone(0, 9_999, id);
    expect(scheduler.stalled(15_998)).toEqual([]);
    expect(scheduler.stalled(15_999)).toEqual([{ assignment: id, ms: 6_000 }]);
  });

  it('asks a source that failed again after a while, and drops it at the third failure in a row', () => {
    const scheduler = make(4);
    scheduler.addSource({ id: 'm', kind: 'mirror' });
    let now = 0;
    for (const wait of [500, 1000]) {
      scheduler.fail(only(scheduler.assign(now)).id, new AssayError('E_UNREACHABLE'), now);
      expect(scheduler.assign(now + wait - 1)).toEqual([]);
      now += wait;
    }
    expect(scheduler.exhausted).toBe(false);
    scheduler.fail(only(scheduler.assign(now)).id, new AssayError('E_UNREACHABLE'), now);
    expect(scheduler.exhausted).toBe(true);
    expect(scheduler.reports()).toMatchObject([{ state: 'dropped', reason: { code: 'E_UNREACHABLE' } }]);
  });

  it('drops a liar at once and gives its blocks to others', () => {
    const scheduler = make(4);
    scheduler.addSource({ id: 'liar', kind: 'mirror' });
    scheduler.fail(only(scheduler.assign(0)).id, new AssayError('E_SOURCE_BAD_BLOCK', { index: 0 }), 0);
    expect(scheduler.assign(1e9)).toEqual([]);
    scheduler.addSource({ id: 'good', kind: 'mirror' });
    expect([...only(scheduler.assign(1e9)).indexes]).toEqual([0, 1, 2, 3]);
  });

  it('forgets blocks beyond the end when the true number is known', () => {
    const scheduler = make(100, 1);
    scheduler.addSource({ id: 'm', kind: 'mirror' });
    const assignment = only(scheduler.assign(0));
    scheduler.markDone(0, 1, assignment.id);
    scheduler.setKnown(3, 3);
    expect([...assignment.indexes]).toEqual([1, 2]);
    scheduler.markDone(1, 2, assignment.id);
    scheduler.markDone(2, 2, assignment.id);
    expect(scheduler.complete).toBe(true);
  });

  it('gets every block as long as one source is honest, whatever the others do', () => {
    const conduct = fc.constantFrom('honest', 'fails', 'silent', 'stops early', 'lies');
    const others = fc.array(fc.tuple(fc.constantFrom('mirror' as const, 'peer' as const), conduct), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(others, fc.integer({ min: 1, max: 300 }), (sources, blocks) => {
        const scheduler = make(blocks);
        const conducts = new Map(sources.map(([, how], i) => [`s${i}`, how]));
        conducts.set('good', 'honest');
        for (const [i, [kind]] of sources.entries()) scheduler.addSource({ id: `s${i}`, kind });
        scheduler.addSource({ id: 'good', kind: 'peer' });
        let now = 0;
        for (let step = 0; step < 2000 && !scheduler.complete; step++) {
          for (const { assignment } of scheduler.stalled(now)) {
            scheduler.fail(assignment, new AssayError('E_SOURCE_STALLED', { seconds: 6 }), now);
          }
          for (const assignment of scheduler.assign(now)) act(scheduler, assignment, conducts, now);
          now += 250;
        }
        expect(scheduler.complete).toBe(true);
      }),
    );
  });
});

function act(
  scheduler: Scheduler,
  assignment: Assignment,
  conducts: ReadonlyMap<string, string>,
  now: number,
): void {
  const indexes = [...assignment.indexes];
  switch (conducts.get(assignment.source)) {
    case 'fails':
      return scheduler.fail(assignment.id, new AssayError('E_UNREACHABLE'), now);
    case 'lies':
      return scheduler.fail(assignment.id, new AssayError('E_SOURCE_BAD_BLOCK', { index: 0 }), now);
    case 'silent':
      return;
    case 'stops early':
      scheduler.markDone(indexes[0] ?? 0, now, assignment.id);
      return scheduler.fail(assignment.id, new AssayError('E_RESPONSE_TRUNCATED', { have: 1, need: 2 }), now);
    default:
      deliver(scheduler, assignment, now, 10);
  }
}
