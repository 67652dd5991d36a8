import { findPackage } from '../src/consensus/ledger.ts';
import { DELTA, fakeSurroundings } from './authorities.ts';
import { realSurroundings } from './real-authorities.ts';
import type { Surroundings } from './surroundings.ts';
import { Adversary, Cabal } from './byzantine/adversary.ts';
import { judgeFork, withoutFork } from './beyond-model.ts';
import { changeSet } from './change-set.ts';
import { inflict } from './inflict.ts';
import { judge } from './judge.ts';
import { Monitor } from './invariants/monitor.ts';
import type { Plan } from './plan.ts';
import type { Process } from './process.ts';
import { World } from './world.ts';

/** Patience doubles up to 64 times D0; a view lasts three of it. */
const LONGEST_VIEW = 3 * 64 * DELTA;
/** Milliseconds between two looks of a client at the log, and two submissions if it finds nothing. */
const CLIENT_PAUSE = 1_000;
/** Longer than two idle ticks, so that laggards had their chance to speak up. */
const SETTLING_TIME = 130_000;
const SILENCE = 70_000;
/** Milliseconds between two cosignatures of an unchanged log; hours in earnest. */
const HEARTBEAT = 4_000;

/** What came of a run. */
export interface Outcome {
  readonly violations: readonly string[];
  /** Hash over everything that happened. */
  readonly trace: string;
  readonly events: number;
  readonly coverage: Readonly<Record<string, number>>;
  /** Has clients judge what was published, where signatures are real: what is wrong with it, in words. */
  judgeAsClient?(): Promise<string[]>;
}

/** One run: a storm of faults with transactions, then fair weather until all are final everywhere, then silence. */
export function runPlan(plan: Plan): Outcome {
  const surroundings = plan.isReal ? realSurroundings(plan.count) : fakeSurroundings(plan.count);
  const world = worldOf(plan, surroundings);
  const { monitor } = world;
  monitor.isLenient = plan.isBeyondModel === true;
  if (plan.slowest !== undefined) world.network.slowest = plan.slowest;
  setUp(world, plan, surroundings);
  const wanted = changeSet(world, plan, surroundings);
  world.run(plan.storm);
  heal(world, plan);
  if (plan.isBeyondModel === true)
    return outcomeOf(world, [...withoutFork(monitor.violations), ...judgeAfterFork(world, plan)]);
  const purls = [...new Set(plan.submissions.map((one) => one.purl))];
  const most = Math.floor((plan.count - 1) / 3);
  const bound = (most + 2) * LONGEST_VIEW * 2 * (1 + (plan.changes?.length ?? 0));
  resubmit(world, plan, surroundings);
  const isLive = world.run(
    bound,
    () =>
      wanted() === 0 && world.honest.every((process) => !isNeeded(world, process) || hasAll(process, purls)),
  );
  if (!isLive && !world.hasFailed)
    monitor.violated(`I17: ${wanted()} changes of the set are not final; ${missing(world, purls)}`);
  if (!world.hasFailed) beSilent(world, most);
  if (!world.hasFailed) judge(world);
  const { finality, checkpoints } = monitor;
  const { judge: judgeAsClient } = surroundings;
  return {
    ...outcomeOf(world, monitor.violations),
    ...(judgeAsClient === undefined
      ? {}
      : { judgeAsClient: () => judgeAsClient(finality.chain, checkpoints) }),
  };
}

function outcomeOf({ trace, events, coverage }: World, violations: readonly string[]): Outcome {
  return { violations, trace: trace.hash, events, coverage: coverage.counts };
}

/** Everybody hears everybody again, for long enough that each heard of the other's log. */
function judgeAfterFork(world: World, plan: Plan): string[] {
  for (const process of world.processes) process.happen({ kind: 'heartbeat' });
  world.run(30_000);
  return judgeFork(world, plan);
}

function worldOf(
  { count, seed, faults, isEncoded, candidates = 0 }: Plan,
  surroundings: Surroundings,
): World {
  const twins = faults.flatMap((fault) => (fault.kind === 'twin' ? [fault.authority] : []));
  const faulty = faults.flatMap((fault) =>
    fault.kind === 'byzantine' || fault.kind === 'silent' ? [fault.authority] : [],
  );
  const rolledBack = faults.flatMap((fault) => (fault.kind === 'old-copy' ? [fault.process] : []));
  const suspects = new Set([
    ...twins,
    ...rolledBack,
    ...faults.flatMap((fault) => (fault.kind === 'byzantine' ? [fault.authority] : [])),
  ]);
  return new World({
    count,
    seed,
    isEncoded,
    candidates,
    surroundings,
    twins,
    faulty: new Set(faulty),
    makeMonitor: (world) => new Monitor(world, suspects),
  });
}

function setUp(world: World, plan: Plan, surroundings: Surroundings): void {
  const { faults, submissions } = plan;
  const cabal = new Cabal();
  const adversaries: Adversary[] = [];
  const silent = new Set<number>();
  for (const fault of faults) {
    if (fault.kind === 'silent') silent.add(fault.authority);
    else if (fault.kind === 'byzantine') {
      const process = world.processes[fault.authority];
      if (process === undefined) continue;
      const adversary = new Adversary(world, process, cabal, fault.tricks);
      process.puppeteer = adversary;
      adversaries.push(adversary);
    } else inflict(world, fault);
  }
  for (const process of world.processes) if (!silent.has(process.authority)) process.start();
  for (const process of world.processes)
    for (let at = world.random() * HEARTBEAT; at < plan.storm; at += HEARTBEAT)
      world.after(at, () => process.happen({ kind: 'heartbeat' }));
  for (const adversary of adversaries) adversary.start();
  const seen = new Set<string>();
  for (const { at, process, purl, nonce } of submissions) {
    if (seen.has(purl)) world.coverage.note('two transactions for one purl');
    seen.add(purl);
    world.after(at, () =>
      world.processes[process]?.happen({ kind: 'transaction', bytes: surroundings.transaction(purl, nonce) }),
    );
  }
}

/** The storm is over: everybody runs and hears everybody. */
function heal(world: World, { faults }: Plan): void {
  if (world.hasFailed) return;
  world.network.heal();
  const silent = new Set(faults.flatMap((fault) => (fault.kind === 'silent' ? [fault.authority] : [])));
  for (const process of world.processes) {
    process.disk.delay = 0;
    process.crashAt = undefined;
    if (!silent.has(process.authority)) process.start();
  }
}

/** Rule R13: clients submit, to one authority after the other or always to the first, until they see it in that one's log. */
function resubmit(world: World, { submissions, isFaithful }: Plan, surroundings: Surroundings): void {
  const waiting = new Map(submissions.map(({ purl, process }) => [purl, process]));
  const ask = (turn: number): void => {
    if (waiting.size === 0) return;
    const isSound = (process: Process) =>
      isNeeded(world, process) && !process.isImpaired && process.state.halted === undefined;
    const sound = world.honest.filter(isSound);
    for (const [purl, first] of waiting) {
      const faithful = isFaithful ? sound.find(({ id }) => id === first) : undefined;
      const process = faithful ?? sound[turn % sound.length];
      if (process === undefined) continue;
      if (hasAll(process, [purl])) waiting.delete(purl);
      else process.happen({ kind: 'transaction', bytes: surroundings.transaction(purl, 0) });
    }
    world.after(CLIENT_PAUSE, () => ask(turn + 1));
  };
  ask(world.pick(world.honest.length));
}

/** Whether it is a member of the newest set: others follow when they can. */
function isNeeded(world: World, { authority, state }: Process): boolean {
  const newest =
    world.honest.toSorted((a, b) => b.state.era.epoch - a.state.era.epoch)[0]?.state.era ?? state.era;
  return newest.names.includes(world.nameOf(authority));
}

function hasAll({ state, isImpaired }: Process, purls: readonly string[]): boolean {
  return isImpaired || purls.every((purl) => findPackage(state.final.ledger, purl) !== undefined);
}

function missing(world: World, purls: readonly string[]): string {
  const lacking = world.honest.flatMap((process) => {
    const count = isNeeded(world, process) ? purls.filter((purl) => !hasAll(process, [purl])).length : 0;
    return count === 0 ? [] : [`${process.authority} lacks ${count}`];
  });
  return `of ${purls.length} transactions ${lacking.join(', ')}`;
}

/**
 * I18: nobody is busy, nothing is said but where one stands, nothing is written. A byzantine leader may end the view the others
 * rest in; so may the next f, one after the other, and then there is none left: so many spells may be noisy.
 */
function beSilent(world: World, most: number): void {
  world.isQuiet = true;
  world.run(SETTLING_TIME);
  const { honest, noise, monitor } = world;
  const busy = honest.filter((process) => process.state.isBusy);
  if (busy.length > 0)
    monitor.violated(`I18: ${busy.map((process) => process.authority).join(', ')} busy for nothing`);
  let { messages, commits } = noise;
  for (let spells = 0; spells <= most; spells++) {
    ({ messages, commits } = noise);
    world.run(SILENCE);
    if (world.hasFailed || (noise.messages === messages && noise.commits === commits)) return;
  }
  monitor.violated(
    `I18: ${noise.messages - messages} messages, at last ${noise.last}, and ${noise.commits - commits} commits in silence`,
  );
}
