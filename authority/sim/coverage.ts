/** What may happen in a run and is worth a run: a campaign in which one of these never happened has not tested it. */
export const EVENTS = [
  'view nullified',
  'view both notarised and nullified',
  'empty block final',
  'block final through a descendant',
  'invalid proposal refused',
  'proposal on an older parent',
  'leader equivocated',
  'caught up by final blocks',
  'body fetched',
  'certificates fetched',
  'restarted with own votes',
  'crash before a commit',
  'crash after a commit',
  'unsynced writes lost',
  'unsynced writes kept',
  'torn tail cut',
  'flipped byte noticed',
  'started from an old copy',
  'forgotten vote noticed',
  'all crashed at once',
  'fsync failed',
  'fsync slow',
  'clock jumped',
  'clock froze',
  'message lost',
  'message doubled',
  'message late',
  'partition',
  'one-way link',
  'twin ran',
  'evidence of two votes',
  'evidence of two cosignatures',
  'checkpoint published',
  'two transactions for one purl',
  'spam ignored',
  'epoch began',
  'epoch closed through a descendant',
  'epoch skipped by a laggard',
  'authority joined',
  'authority left',
  'crashed in a hand-off',
  'fork',
  'fork named by evidence',
] as const;

/** One of `EVENTS`. */
export type Covered = (typeof EVENTS)[number];

/** How often what happened. */
export class Coverage {
  readonly #counts = new Map<Covered, number>();

  note(event: Covered): void {
    this.#counts.set(event, (this.#counts.get(event) ?? 0) + 1);
  }

  /** By name; what never happened is missing. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
