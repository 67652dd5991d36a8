import { describe, expect, it } from 'vitest';
import { findPackage } from '../src/consensus/ledger.ts';
import { fakeSurroundings } from './authorities.ts';
import { measureFinality } from './finality-delays.ts';
import { Monitor } from './invariants/monitor.ts';
import type { Process } from './process.ts';
import { World } from './world.ts';

const surroundings = fakeSurroundings(4);

/** Four running authorities and a network in order. */
class FairWeather {
  readonly world = new World({
    count: 4,
    seed: 1,
    isEncoded: false,
    surroundings,
    faulty: new Set(),
    twins: [],
    makeMonitor: (world) => new Monitor(world, new Set()),
  });

  constructor() {
    for (const process of this.world.processes) process.start();
  }

  at(index: number): Process {
    const process = this.world.processes[index];
    if (process === undefined) throw new RangeError(`no process ${index}`);
    return process;
  }

  submit(index: number, purl: string): void {
    this.at(index).happen({ kind: 'transaction', bytes: surroundings.transaction(purl, 0) });
  }

  /** Runs until all that run have these in their final logs; says whether they came to. */
  settles(purls: readonly string[], within = 5_000): boolean {
    const running = () => this.world.processes.filter((process) => process.isRunning);
    const hasAll = ({ state }: Process) =>
      purls.every((purl) => findPackage(state.final.ledger, purl) !== undefined);
    return this.world.run(within, () => running().every(hasAll));
  }
}

describe('four authorities in fair weather', () => {
  it('make a transaction final within four delays and three commits, and say no more than needed', () => {
    const fair = new FairWeather();
    fair.submit(0, 'pkg:npm/a@1');
    expect(fair.settles(['pkg:npm/a@1'])).toBe(true);
    fair.world.run(10_000);
    const { traffic } = fair.world.network;
    const before = new Map(traffic);
    const start = fair.world.now;
    fair.submit(1, 'pkg:npm/b@1');
    expect(fair.settles(['pkg:npm/b@1'], 1_000)).toBe(true);
    expect(fair.world.now - start).toBeLessThan(100);
    fair.world.run(10_000);
    const spent = (kind: 'proposal' | 'vote' | 'transaction') =>
      (traffic.get(kind) ?? 0) - (before.get(kind) ?? 0);
    expect(spent('proposal')).toBe(3);
    expect(spent('vote')).toBeLessThanOrEqual(21);
    expect(spent('transaction')).toBeLessThanOrEqual(12);
    expect(fair.world.monitor.violations).toEqual([]);
  });

  it('stand still while two are gone, and go on when one returns', () => {
    const fair = new FairWeather();
    fair.at(2).crash('lost');
    fair.at(3).crash('lost');
    fair.submit(0, 'pkg:npm/b@1');
    expect(fair.settles(['pkg:npm/b@1'], 60_000)).toBe(false);
    fair.at(3).start();
    expect(fair.settles(['pkg:npm/b@1'])).toBe(true);
    fair.at(2).start();
    expect(fair.settles(['pkg:npm/b@1'], 60_000)).toBe(true);
    expect(fair.world.monitor.violations).toEqual([]);
  });

  it(
    'bring one that was away for long up to the present, over more than one answer',
    { timeout: 60_000 },
    () => {
      const fair = new FairWeather();
      fair.at(3).crash('lost');
      const purls = Array.from({ length: 300 }, (_, at) => `pkg:npm/a@${at}`);
      for (const purl of purls) {
        fair.submit(0, purl);
        expect(fair.settles([purl])).toBe(true);
      }
      fair.at(3).start();
      expect(fair.settles(purls)).toBe(true);
      expect(fair.world.network.traffic.get('final')).toBeGreaterThan(1);
      expect(fair.world.monitor.violations).toEqual([]);
    },
  );
});

it(
  'finality takes three network delays from the proposal on, however many authorities there are',
  { timeout: 60_000 },
  () => {
    for (const count of [4, 10, 31]) {
      const { first, all } = measureFinality(count);
      expect(first).toBeGreaterThanOrEqual(3);
      expect(all).toBeLessThan(3.3);
    }
  },
);
