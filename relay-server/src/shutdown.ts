/** What has to be ended when the program stops, in the reverse order of its start. */
export class Shutdown {
  #steps: (() => Promise<unknown> | void)[] = [];

  add(step: () => Promise<unknown> | void): void {
    this.#steps.push(step);
  }

  /** Ends everything, even if some of it fails to end. */
  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed()) {
      try {
        await step();
      } catch {
        // What cannot be ended well ends with the process.
      }
    }
  }
}
