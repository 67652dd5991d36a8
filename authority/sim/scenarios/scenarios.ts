import type { Plan } from '../plan.ts';
import { Draft } from './draft.ts';
import {
  addBadClocks,
  addBadDisks,
  addBadNetwork,
  addByzantine,
  addCrashes,
  addPartitions,
  addSetChanges,
} from './ingredients.ts';

/** A kind of run. */
export interface Scenario {
  /** Runs of it among a hundred, about. */
  readonly share: number;
  readonly about: string;
  readonly counts: readonly number[];
  /** How long things go wrong, in milliseconds. */
  readonly storm: number;
  readonly transactions: number;
  /** What is unusual about its runs besides their faults. */
  readonly changes?: Partial<Plan>;
  compose(draft: Draft): void;
}

const SMALL = [4, 4, 4, 5, 7] as const;

/** All kinds of runs, by name. */
export const scenarios = {
  network: {
    share: 8,
    about: 'late, lost, doubled and reordered messages',
    counts: SMALL,
    storm: 6_000,
    transactions: 10,
    compose: (draft) => addBadNetwork(draft, 0.3),
  },
  partitions: {
    share: 9,
    about: 'half, bridge, ring, isolated and one-way partitions that move',
    counts: SMALL,
    storm: 6_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      addPartitions(draft, 5);
    },
  },
  crashes: {
    share: 11,
    about: 'crashes at any moment and commit, of one or all; torn and unsynced writes',
    counts: SMALL,
    storm: 6_000,
    transactions: 10,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      addCrashes(draft, 8);
    },
  },
  disks: {
    share: 8,
    about: 'slow and failing fsync, flipped bytes, restarts from an old copy',
    counts: SMALL,
    storm: 6_000,
    transactions: 10,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      for (let times = draft.most; times > 0; times--) addBadDisks(draft);
      if (draft.chance(0.5)) addCrashes(draft, 2);
    },
  },
  clocks: {
    share: 5,
    about: 'clocks that are off by up to an hour, jump, or stand still',
    counts: SMALL,
    storm: 6_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.05);
      addBadClocks(draft);
    },
  },
  twins: {
    share: 10,
    about: 'f authorities run twice, with crashes and partitions',
    counts: SMALL,
    storm: 6_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      for (let times = draft.most; times > 0; times--) {
        const authority = draft.victim();
        if (authority !== undefined) draft.add({ kind: 'twin', authority });
      }
      if (draft.chance(0.6)) addPartitions(draft, 2);
      if (draft.chance(0.4)) addCrashes(draft, 3);
    },
  },
  byzantine: {
    share: 15,
    about: 'f byzantine authorities that fork over every known parent, equivocate, withhold, replay, invent',
    counts: SMALL,
    storm: 6_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.05);
      addByzantine(draft);
    },
  },
  siege: {
    share: 22,
    about: 'f byzantine authorities, partitions and crashes at once',
    counts: SMALL,
    storm: 7_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      addByzantine(draft);
      addPartitions(draft, 3);
      addCrashes(draft, 4);
    },
  },
  spam: {
    share: 8,
    about: 'view jumps, keep-busy votes, floods of questions, evidence and transactions',
    counts: SMALL,
    storm: 3_000,
    transactions: 5,
    compose(draft) {
      addBadNetwork(draft, 0.02);
      for (let times = draft.most; times > 0; times--) {
        draft.byzantine(
          ...draft.oneOf(['jump-views'] as const, ['keep-busy'] as const, ['flood', 'jump-views'] as const),
        );
      }
    },
  },
  silent: {
    share: 4,
    about: 'f authorities that never run',
    counts: [4, 5, 7, 10],
    storm: 5_000,
    transactions: 8,
    compose(draft) {
      addBadNetwork(draft, 0.1);
      for (let times = draft.most; times > 0; times--) {
        const authority = draft.victim();
        if (authority !== undefined) draft.add({ kind: 'silent', authority });
      }
      if (draft.chance(0.5)) addCrashes(draft, 2);
    },
  },
  large: {
    share: 0.3,
    about: 'ten and thirty-one authorities under a little of everything',
    counts: [10, 10, 10, 31],
    storm: 3_000,
    transactions: 4,
    compose(draft) {
      addBadNetwork(draft, 0.02);
      if (draft.count === 10) draft.byzantine('fork-every-parent', 'vote-for-everything');
      addPartitions(draft, 1);
      if (draft.chance(0.5)) addCrashes(draft, 2);
    },
  },
  membership: {
    share: 8,
    about:
      'authorities join and leave, one change after the other or two at once, among crashes and partitions',
    counts: [3, 4, 4, 5],
    storm: 7_000,
    transactions: 5,
    compose(draft) {
      addBadNetwork(draft, 0.05);
      addSetChanges(draft);
      if (draft.chance(0.5)) addPartitions(draft, 2);
      if (draft.chance(0.6)) addCrashes(draft, 4);
    },
  },
  coup: {
    share: 8,
    about: 'the same with f byzantine authorities, who may be those that leave',
    counts: [4, 4, 5],
    storm: 7_000,
    transactions: 5,
    compose(draft) {
      addBadNetwork(draft, 0.05);
      addSetChanges(draft);
      addByzantine(draft);
      addPartitions(draft, 2);
      addCrashes(draft, 3);
    },
  },
  slow: {
    share: 3,
    about: 'messages that always take up to eight times as long as assumed',
    counts: [4, 5],
    storm: 3_000,
    transactions: 3,
    changes: { slowest: 800 },
    compose(draft) {
      if (draft.chance(0.3)) addCrashes(draft, 1);
    },
  },
  fork: {
    share: 3,
    about:
      'as many authorities run twice as two quorums have in common, more than f: a fork, which must name them',
    counts: [4, 5, 7],
    storm: 4_000,
    transactions: 0,
    changes: { isBeyondModel: true },
    compose(draft) {
      draft.submitToBoth(5);
      const all = draft.everyone();
      const overlap = 2 * (Math.floor((2 * draft.count) / 3) + 1) - draft.count;
      const twins = all.slice(0, overlap);
      for (const authority of twins) draft.add({ kind: 'twin', authority, hearsAll: true });
      const rest = all.slice(overlap);
      const half = Math.ceil(rest.length / 2);
      const doubles = twins.map((_, at) => draft.count + at);
      const groups = [
        [...twins, ...rest.slice(0, half)],
        [...doubles, ...rest.slice(half)],
      ];
      draft.add({ kind: 'partition', from: 0, to: draft.storm, groups });
    },
  },
} as const satisfies Record<string, Scenario>;

/** The name of a kind of run. */
export type ScenarioName = keyof typeof scenarios;

/** All names, in order. */
export const scenarioNames = Object.keys(scenarios) as ScenarioName[];

/** Whether a text names a scenario. */
export function isScenarioName(name: string): name is ScenarioName {
  return Object.hasOwn(scenarios, name);
}

/** The plan of one run. */
export function planOf(name: ScenarioName, seed: number, others: Partial<Plan> = {}): Plan {
  const { counts, storm, transactions, compose, changes }: Scenario = scenarios[name];
  const draft = new Draft(name, seed, counts, storm);
  draft.submit(transactions);
  compose(draft);
  return draft.plan(name, seed, { ...changes, ...others });
}
