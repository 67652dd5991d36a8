/** What the bench asks of an authority process. Every ask is answered by one `Answer`. */
export type Ask =
  | { readonly kind: 'start'; readonly folder: string; readonly index: number; readonly count: number }
  /** Submits them all at once and waits until they are final here. */
  | { readonly kind: 'submit'; readonly transactions: readonly Uint8Array[] }
  | { readonly kind: 'memory' };

/** All times in milliseconds since the ask arrived. */
export interface Answer {
  /** When the last of the transactions was final. */
  readonly final?: number;
  /** When a checkpoint with all of them was on disk. */
  readonly checkpoint?: number;
  /** Bytes of the process, and of its JavaScript heap after a collection where the process may collect. */
  readonly memory?: { readonly resident: number; readonly heap: number };
  readonly error?: string;
}
