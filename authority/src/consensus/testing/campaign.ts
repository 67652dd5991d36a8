import { Cluster, FAIR, type ClusterOptions } from './cluster.ts';
import { fakeTransaction } from './fake-network.ts';
import { haveAll, judge, watch } from './invariants.ts';
import { createRandom } from './random.ts';

const STORM = { minDelay: 1, maxDelay: 150, loss: 0.15, duplicates: 0.05 };
const STORM_TIME = 20_000;
const HEALING_TIME = 120_000;
/** Longer than an idle tick, so that laggards had their chance to speak up. */
const QUIET_TIME = 120_000;

/** One kind of run: a cluster, and what happens to it in the storm. */
export interface Campaign extends Omit<ClusterOptions, 'seed'> {
  readonly crashes?: boolean;
  readonly cuts?: boolean;
}

/**
 * One seeded run: a storm with transactions, then fair weather until all are final everywhere, then silence. Gives what went
 * wrong, in words.
 */
export function runCampaign(seed: number, { crashes = false, cuts = false, ...options }: Campaign): string[] {
  const random = createRandom(seed * 7919 + 1);
  const pick = (limit: number) => Math.floor(random() * limit);
  const cluster = new Cluster({ ...options, seed, weather: STORM, encode: seed % 20 === 0 });
  const violations = watch(cluster);
  const purls: string[] = [];
  for (let part = 0; part < 10; part++) {
    const island = new Set(cluster.contexts.flatMap((_, node) => (pick(2) === 0 ? [node] : [])));
    const isCut = (from: number, to: number) => island.has(from) !== island.has(to);
    cluster.weather = cuts && pick(3) === 0 ? { ...STORM, isCut } : STORM;
    const purl = `pkg:npm/p@${part}`;
    purls.push(purl);
    for (let copies = 0; copies <= pick(3); copies++) {
      cluster.submit(pick(options.count), fakeTransaction(purl, { nonce: copies }));
    }
    const victims = crashes ? cluster.honest.filter(() => pick(4) === 0) : [];
    cluster.run(random() * (STORM_TIME / 20));
    for (const victim of victims) cluster.kill(victim);
    cluster.run(random() * (STORM_TIME / 20));
    for (const victim of victims) cluster.start(victim);
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
