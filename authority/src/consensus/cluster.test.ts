import { describe, expect, it, vi } from 'vitest';
import { createEquivocator } from './testing/adversaries.ts';
import { runCampaign, type Campaign } from './testing/campaign.ts';
import { Cluster } from './testing/cluster.ts';
import { fakeTransaction } from './testing/fake-network.ts';
import { haveAll, judge, watch } from './testing/invariants.ts';

// Some two hundred runs: ten seconds, more where others use the machine too.
vi.setConfig({ testTimeout: 120_000 });

function failures(seeds: number, campaign: Campaign): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const violations = runCampaign(seed, campaign);
    if (violations.length > 0) found[`seed ${seed}`] = violations;
  }
  return found;
}

/** A cluster in fair weather in which all of these transactions became final everywhere. */
function settled(count: number, purls: readonly string[]): Cluster {
  const cluster = new Cluster({ count, seed: 1 });
  for (const purl of purls) {
    cluster.submit(0, fakeTransaction(purl));
    expect(cluster.run(5_000, () => haveAll(cluster, [purl]))).toBe(true);
  }
  return cluster;
}

describe('agreement in a simulated network', () => {
  it('four authorities, lost, late and doubled messages', () => {
    expect(failures(40, { count: 4 })).toEqual({});
  });

  it('four authorities, crashes that lose what was not committed', () => {
    expect(failures(60, { count: 4, crashes: true, cuts: true })).toEqual({});
  });

  it('four authorities, one of them silent', () => {
    expect(failures(40, { count: 4, silent: [2] })).toEqual({});
  });

  it('four authorities, one of them a leader of two tongues, and crashes', () => {
    expect(
      failures(60, { count: 4, crashes: true, cuts: true, byzantine: new Map([[1, createEquivocator()]]) }),
    ).toEqual({});
  });

  it('seven authorities, one silent, one equivocating, crashes', () => {
    const byzantine = new Map([[4, createEquivocator()]]);
    expect(failures(20, { count: 7, crashes: true, silent: [0], byzantine })).toEqual({});
  });
});

describe('four authorities in fair weather', () => {
  it('make a transaction final within four message delays and three commits, and say no more than needed', () => {
    const cluster = settled(4, ['pkg:npm/a@1']);
    cluster.run(10_000);
    const before = new Map(cluster.traffic);
    const start = cluster.now;
    cluster.submit(1, fakeTransaction('pkg:npm/b@1'));
    expect(cluster.run(1_000, () => haveAll(cluster, ['pkg:npm/b@1']))).toBe(true);
    expect(cluster.now - start).toBeLessThan(100);
    cluster.run(10_000);
    const spent = (kind: string) => (cluster.traffic.get(kind) ?? 0) - (before.get(kind) ?? 0);
    expect([spent('proposal'), spent('vote'), spent('transaction'), spent('tip')]).toEqual([3, 21, 12, 0]);
    expect(judge(cluster)).toEqual([]);
  });

  it('stand still while two are gone, and go on when one returns', () => {
    const cluster = settled(4, ['pkg:npm/a@1']);
    cluster.kill(2);
    cluster.kill(3);
    cluster.submit(0, fakeTransaction('pkg:npm/b@1'));
    expect(cluster.run(600_000, () => haveAll(cluster, ['pkg:npm/b@1']))).toBe(false);
    cluster.start(3);
    expect(cluster.run(5_000, () => haveAll(cluster, ['pkg:npm/b@1']))).toBe(true);
    cluster.start(2);
    expect(cluster.run(60_000, () => haveAll(cluster, ['pkg:npm/b@1']))).toBe(true);
    expect(judge(cluster)).toEqual([]);
  });

  it('bring one that was away for long up to the present, over more than one answer', () => {
    const cluster = settled(4, ['pkg:npm/a@0']);
    cluster.kill(3);
    const purls = Array.from({ length: 300 }, (_, at) => `pkg:npm/a@${at + 1}`);
    for (const purl of purls) {
      cluster.submit(0, fakeTransaction(purl));
      expect(cluster.run(5_000, () => haveAll(cluster, [purl]))).toBe(true);
    }
    cluster.start(3);
    expect(cluster.run(5_000, () => haveAll(cluster, purls))).toBe(true);
    expect(cluster.traffic.get('final')).toBeGreaterThan(1);
    expect(judge(cluster)).toEqual([]);
  });

  it('all come back after all were killed at once', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const cluster = new Cluster({ count: 4, seed });
      const violations = watch(cluster);
      for (const node of [0, 1, 2, 3]) cluster.submit(node, fakeTransaction(`pkg:npm/a@${node}`));
      cluster.run(seed * 3);
      for (const node of [0, 1, 2, 3]) cluster.kill(node);
      for (const node of [0, 1, 2, 3]) cluster.start(node);
      for (const node of [0, 1, 2, 3]) cluster.submit(0, fakeTransaction(`pkg:npm/a@${node}`));
      const purls = [0, 1, 2, 3].map((node) => `pkg:npm/a@${node}`);
      expect(cluster.run(60_000, () => haveAll(cluster, purls))).toBe(true);
      expect([...violations, ...judge(cluster)]).toEqual([]);
    }
  });
});
