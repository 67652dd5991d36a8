/**
 * What proves, to whoever trusts the authorities of one epoch, who the authorities of the next are. A chain of links leads from
 * genesis to any later epoch without the log in between.
 */
export interface HandoffLink {
  /** The `epoch-handoff` entry of the new epoch, as it is in the log. */
  readonly handoff: Uint8Array;
  /** The state record of the batch that closed the epoch before: the last entry of the tree that the hand-off names. */
  readonly state: Uint8Array;
  /** Inclusion of `state` in that tree, 32-byte hashes. */
  readonly proof: readonly Uint8Array[];
}
