import type { ScenarioName } from './scenarios/scenarios.ts';

/** What a worker is started with. */
export interface WorkerOptions {
  /** The mutation its production code has. */
  readonly mutation?: string;
}

/** Some runs of one scenario. */
export interface Job {
  readonly scenario: ScenarioName;
  readonly firstSeed: number;
  readonly runs: number;
  /** All with ed25519, not only some. */
  readonly isReal?: boolean;
  /** Stop at the first run that breaks a rule. */
  readonly isStoppedByFailure?: boolean;
}

/** A run that broke a rule. */
export interface Failure {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly violations: readonly string[];
  readonly trace: string;
}

/** What came of a job. */
export interface Answer {
  readonly job: Job;
  readonly runs: number;
  readonly failures: readonly Failure[];
  readonly coverage: Readonly<Record<string, number>>;
  readonly events: number;
  /** Processor time, in milliseconds. */
  readonly time: number;
}
