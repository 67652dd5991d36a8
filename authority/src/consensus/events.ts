import type { Block, Header } from './block.ts';
import type { SignedTreeHead, TreeHead } from './cosignature.ts';
import type { Evidence } from './evidence.ts';
import type { Execution } from './ledger.ts';
import type { Message } from './messages.ts';
import type { Certificate, Vote } from './vote.ts';

/** Own signed statements: they leave only after what they rest on is durable (rule W). */
export type OwnStatement = Extract<Message, { kind: 'proposal' | 'vote' | 'cosignature' }>;

/** Which of the two timers. `view`: patience with a view is over. `empty`: the leader may propose an empty block. */
export type TimerName = 'view' | 'empty';

/** What happens to an authority. */
export type Happening =
  /** Once, after the state was loaded: everything is looked at again. */
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly from: string; readonly message: Message }
  /** A transaction from this authority's own services. */
  | { readonly kind: 'transaction'; readonly bytes: Uint8Array }
  /** A `persist` effect is durable. */
  | { readonly kind: 'persisted'; readonly release: readonly OwnStatement[] }
  | { readonly kind: 'timer'; readonly timer: TimerName; readonly view: number }
  | { readonly kind: 'tick' }
  /** A stream to this peer was opened. */
  | { readonly kind: 'connected'; readonly peer: string }
  /** Tiles and entries up to this head are on disk. */
  | { readonly kind: 'log-durable'; readonly head: TreeHead }
  /** Time to cosign the same checkpoint again. */
  | { readonly kind: 'heartbeat' }
  /** The database failed: nothing can be promised any more. */
  | { readonly kind: 'storage-failed'; readonly reason: string };

/** Something that happened, and when: unix milliseconds. The reducer has no other clock. */
export type Event = Happening & { readonly now: number };

/** A block that became final, with what it appends to the log. */
export interface FinalBlock {
  readonly block: Block;
  readonly digest: string;
  readonly execution: Execution;
  /** Log size before it. */
  readonly firstIndex: number;
  /** The finality certificate, where it names this very block; always for a block that closes its epoch. */
  readonly proof?: Certificate;
  /** Where a descendant's certificate proves a closing block: the heads from its child to that descendant. */
  readonly path?: readonly Header[];
}

/** What the database must hold before the statements of its effect leave. */
export type Write =
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | { readonly kind: 'block'; readonly block: Block; readonly digest: string }
  | { readonly kind: 'final'; readonly final: FinalBlock }
  | { readonly kind: 'cosigned'; readonly head: TreeHead }
  | { readonly kind: 'evidence'; readonly key: string; readonly evidence: Evidence }
  /** Why this authority must not vote any more with these vote keys, in hexadecimal; with none at all when they are missing. */
  | { readonly kind: 'amnesia'; readonly reason: string; readonly keys?: readonly string[] };

/** What an authority does. */
export type Effect =
  /** Write all of it at once, durably; then the event `persisted` with `release`. */
  | { readonly kind: 'persist'; readonly writes: readonly Write[]; readonly release: readonly OwnStatement[] }
  | { readonly kind: 'send'; readonly to: string; readonly message: Message }
  | { readonly kind: 'broadcast'; readonly message: Message }
  /** Set a timer, in place of an earlier one of its name. */
  | { readonly kind: 'set-timer'; readonly timer: TimerName; readonly view: number; readonly after: number }
  | { readonly kind: 'stop-timer'; readonly timer: TimerName }
  /** Tick often while busy, seldom while not. */
  | { readonly kind: 'tick-rate'; readonly busy: boolean }
  /** Send final blocks from this height on, out of the database. */
  | { readonly kind: 'serve-final'; readonly to: string; readonly from: number }
  /** Publish the checkpoint of this head with exactly these cosignatures. */
  | {
      readonly kind: 'publish';
      readonly epoch: number;
      readonly head: TreeHead;
      readonly cosignatures: readonly SignedTreeHead[];
      readonly freshAsOf: number;
    };
