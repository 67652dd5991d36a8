/** What one consensus block appends to the log. */
export interface Batch {
  /** Height of the block. */
  readonly height: number;
  /** Log size before it. */
  readonly firstIndex: number;
  readonly entries: readonly Uint8Array[];
  /** The evidence bundles its records name. */
  readonly evidence: readonly Uint8Array[];
  /** Where the batch begins an epoch: the encoded link that leads to it from the epoch before. */
  readonly handoff?: { readonly epoch: number; readonly link: Uint8Array };
  /** What the log must be after it. */
  readonly size: number;
  /** Root in hexadecimal. */
  readonly root: string;
}
