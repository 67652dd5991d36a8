/** What screen readers are told: progress politely, a final verdict at once. */
export class Announcer {
  polite = $state('');
  assertive = $state('');

  /** Waits for the reader to pause. */
  say(text: string): void {
    this.polite = text;
  }

  /** Interrupts: for verdicts and failures that a person waits for. */
  interrupt(text: string): void {
    this.assertive = text;
  }
}
