import type { SignedTreeHead, TreeHead } from '../src/consensus/cosignature.ts';
import type { FinalBlock } from '../src/consensus/events.ts';
import type { Context, Network } from '../src/consensus/era.ts';
import type { State } from '../src/consensus/state.ts';

/** The network that simulated authorities belong to: its keys, its genesis, its transactions. */
export interface Surroundings {
  /** When its runs begin, in unix milliseconds. */
  readonly start: number;
  /** The name of an authority, or of one that wants to be. */
  nameOf(index: number): string;
  authority(index: number): { network: Network; genesis: State };
  /** A transaction for a package version that all take for valid; those of different nonces differ. */
  transaction(purl: string, nonce: number): Uint8Array;
  /** A change of the set of this epoch, approved by all its members: those who join and leave, by index. */
  change?(context: Context, joining: readonly number[], leaving: readonly number[]): Uint8Array;
  /**
   * I20: what a client says of the log and of a checkpoint that the authority `publisher` made of these cosignatures; what is
   * wrong with them, in words.
   */
  judge?(log: readonly FinalBlock[], checkpoints: readonly PublishedCheckpoint[]): Promise<string[]>;
}

/** What an authority published. */
export interface PublishedCheckpoint {
  readonly publisher: number;
  readonly head: TreeHead;
  readonly cosignatures: readonly SignedTreeHead[];
}
