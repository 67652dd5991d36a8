/** The wall clock of one process: it may be off, jump, or stand still. Timers run by another clock, which never does. */
export class Clock {
  #offset = 0;
  #frozenAt: number | undefined;

  /** What it shows when it is really `now`; whole milliseconds. */
  read(now: number): number {
    return Math.floor(this.#frozenAt ?? now + this.#offset);
  }

  /** Moves it forward, or back by a negative number of milliseconds. */
  jump(by: number): void {
    this.#offset += by;
  }

  /** Stops it, or lets it go on from the right time. */
  freeze(now: number | undefined): void {
    this.#frozenAt = now === undefined ? undefined : now + this.#offset;
  }
}
