import type { Fault, Plan, SetChange, Submission, TrickName } from '../plan.ts';
import { createRandom } from '../random.ts';

/** A plan in the making: random choices of one seed, and the faults chosen so far. */
export class Draft {
  readonly faults: Fault[] = [];
  readonly submissions: Submission[] = [];
  readonly changes: SetChange[] = [];
  /** Processes beyond the first authorities. */
  candidates = 0;
  readonly count: number;
  /** Milliseconds. */
  readonly storm: number;
  readonly #random: () => number;
  /** Authorities that may break the rules, or be out of touch for good: at most f. */
  readonly #impaired = new Set<number>();

  constructor(scenario: string, seed: number, counts: readonly number[], storm: number) {
    let salt = 0;
    for (const letter of scenario) salt = Math.imul(salt ^ letter.charCodeAt(0), 0x01000193);
    this.#random = createRandom((seed * 7919) ^ salt);
    this.count = counts[this.pick(counts.length)] ?? 4;
    this.storm = storm;
  }

  /** How many may be faulty. */
  get most(): number {
    return Math.floor((this.count - 1) / 3);
  }

  pick(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  oneOf<T>(first: T, ...others: readonly T[]): T {
    return [first, ...others][this.pick(others.length + 1)] ?? first;
  }

  /** A moment in the storm. */
  moment(): number {
    return this.#random() * this.storm;
  }

  /** A part of the storm. */
  span(longest = this.storm): { from: number; to: number } {
    const from = this.moment() * 0.9;
    return { from, to: Math.min(this.storm, from + 100 + this.#random() * longest) };
  }

  /** Some of the authorities, each as likely as not. */
  half(): number[] {
    return this.everyone().filter(() => this.chance(0.5));
  }

  everyone(): number[] {
    return Array.from({ length: this.count }, (_, index) => index);
  }

  /** An authority that is faulty from here on; undefined when f already are. */
  victim(): number | undefined {
    if (this.#impaired.size >= this.most) return undefined;
    const sound = this.everyone().filter((index) => !this.#impaired.has(index));
    const chosen = sound[this.pick(sound.length)];
    if (chosen !== undefined) this.#impaired.add(chosen);
    return chosen;
  }

  add(...faults: readonly Fault[]): void {
    this.faults.push(...faults);
  }

  byzantine(...tricks: readonly TrickName[]): void {
    const authority = this.victim();
    if (authority !== undefined) this.add({ kind: 'byzantine', authority, tricks });
  }

  /** Transactions of clients, some of them two for one package version. */
  submit(transactions: number): void {
    for (let at = 0; at < transactions; at++) {
      const purl = `pkg:npm/p@${at}.0.0`;
      this.submissions.push({ at: this.moment() * 0.9, process: this.pick(this.count), purl, nonce: 0 });
      if (!this.chance(0.2)) continue;
      this.submissions.push({ at: this.moment(), process: this.pick(this.count), purl, nonce: 1 });
    }
  }

  /** One transaction after the other, each to the first process of the first authority and, otherwise made, to its twin. */
  submitToBoth(transactions: number): void {
    for (let at = 0; at < transactions; at++) {
      const common = { at: 200 + 700 * at, purl: `pkg:npm/p@${at}.0.0` };
      this.submissions.push(
        { ...common, process: 0, nonce: 0 },
        { ...common, process: this.count, nonce: 1 },
      );
    }
  }

  plan(scenario: string, seed: number, changes: Partial<Plan> = {}): Plan {
    const { count, storm, submissions, faults, candidates, changes: sets } = this;
    const membership = sets.length === 0 ? {} : { candidates, changes: sets };
    const isFaithful = this.chance(0.5);
    return {
      scenario,
      seed,
      count,
      storm,
      submissions,
      faults,
      isFaithful,
      isEncoded: seed % 50 === 0,
      isReal: seed % 199 === 100 && sets.length === 0,
      ...membership,
      ...changes,
    };
  }
}
