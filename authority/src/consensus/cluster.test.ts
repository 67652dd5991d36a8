import { describe, expect, it } from 'vitest';
import { createEquivocator } from './testing/adversaries.ts';
import { Cluster, FAIR, type ClusterOptions } from './testing/cluster.ts';
import { fakeTransaction } from './testing/fake-network.ts';
import { haveAll, judge, watch } from './testing/invariants.ts';
import { createRandom } from './testing/random.ts';

const STORM = { minDelay: 1, maxDelay: 150, loss: 0.15, duplicates: 0.05 };
const STORM_TIME = 20_000;
const HEALING_TIME = 120_000;
/** Longer than an idle tick, so that laggards had their chance to speak up. */
const QUIET_TIME = 120_000;

interface Campaign extends Omit<ClusterOptions, 'seed'> {
  readonly crashes?: boolean;
  readonly cuts?: boolean;
}

/** One seeded run: a storm with transactions, then fair weather until all are final everywhere, then silence. */
function run(seed: number, { crashes = false, cuts = false, ...options }: Campaign): string[] {
  const random = createRandom(seed * 7919 + 1);
  const pick = (limit: number) => Math.floor(random() * limit);
  const cluster = new Cluster({ ...options, seed, weather: STORM, encode: seed % 20 === 0 });
  const violations = watch(cluster);
  const purls: string[] = [];
  for (let part = 0; part < 10; part++) {
    const cutOff = pick(options.count);
    const isCut = (from: number, to: number) => (from === cutOff) !== (to === cutOff);
    cluster.weather = cuts && pick(3) === 0 ? { ...STORM, isCut } : STORM;
    const purl = `pkg:npm/p@${part}`;
    purls.push(purl);
    for (let copies = 0; copies <= pick(3); copies++) {
      cluster.submit(pick(options.count), fakeTransaction(purl, { nonce: copies }));
    }
    const victim = crashes && pick(2) === 0 ? cluster.honest[pick(cluster.honest.length)] : undefined;
    cluster.run(random() * (STORM_TIME / 20));
    if (victim !== undefined) cluster.kill(victim);
    cluster.run(random() * (STORM_TIME / 20));
    if (victim !== undefined) cluster.start(victim);
  }
  cluster.weather = FAIR;
  for (const purl of purls) for (const node of cluster.honest) cluster.submit(node, fakeTransaction(purl));
  if (!cluster.run(HEALING_TIME, () => haveAll(cluster, purls)))
    violations.push('I17: not everything became final');
  cluster.run(QUIET_TIME);
  violations.push(...judge(cluster));
  for (const node of cluster.honest)
    if (cluster.state(node)?.isBusy === true) violations.push(`I18: ${node} is busy`);
  const before = new Map(cluster.traffic);
  cluster.run(QUIET_TIME);
  for (const [kind, count] of cluster.traffic) {
    if (kind !== 'tip' && count !== before.get(kind)) violations.push(`I18: ${kind} was sent in silence`);
  }
  return violations;
}

function failures(seeds: number, campaign: Campaign): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const violations = run(seed, campaign);
    if (violations.length > 0) found[`seed ${seed}`] = violations;
  }
  return found;
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
