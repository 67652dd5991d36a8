import { AssayError } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted, withAbort } from '@assay/core/net/deadline.ts';
import { WRITER_LOCK } from '@assay/stores/idb/shared-stores.ts';
import type { NodeStatus } from '../../lib/node/api.ts';
import type { LeaderProcedures } from '../../lib/node/engine-procedures.ts';
import { PortCaller } from '../../lib/rpc/caller.ts';
import type { Caller, CallOptions, Handlers, Message } from '../../lib/rpc/procedures.ts';
import { serve } from '../../lib/rpc/serve.ts';
import type { FleetChannel } from './fleet-messages.ts';

/** Ends calls to a leader that is gone; they are made again to the next one. */
const leaderGone = new AssayError('E_STREAM_CLOSED');

export interface FleetOptions {
  readonly channel: FleetChannel;
  readonly locks: Pick<LockManager, 'request'>;
  /** Called once, when it is this tab's turn to lead. What it gives answers the calls of all tabs from then on. */
  readonly lead: () => Promise<Handlers<LeaderProcedures>>;
  /** The leader of another tab tells how it is. */
  readonly onLeaderStatus: (status: NodeStatus) => void;
  readonly onReset: () => void;
}

/**
 * The tabs of one origin: one leads, by a lock that the browser takes away from it when it closes; the others ask it. Calls that
 * were under way when a leader went are made again to the next one, so they must bear being made twice.
 */
export class Fleet implements Caller<LeaderProcedures> {
  readonly #options: FleetOptions;
  readonly #channel: FleetChannel;
  #own: Handlers<LeaderProcedures> | undefined;
  #leader:
    | { readonly id: string; readonly caller: PortCaller<LeaderProcedures>; receive(m: Message): void }
    | undefined;
  readonly #joined = Promise.withResolvers<void>();
  readonly #leaderKnown = Promise.withResolvers<void>();
  readonly #followers = new Map<string, (message: Message) => void>();
  #status: NodeStatus | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#channel = options.channel;
  }

  get leading(): boolean {
    return this.#own !== undefined;
  }

  /** Joins the tabs and stands in line for the lead, for as long as the tab lives. */
  async join(): Promise<void> {
    const { locks, lead } = this.#options;
    this.#hear();
    // The leader takes a tab whose lock is free for one that is gone, so nothing is asked before this lock is held.
    await new Promise<void>((resolve) => {
      void locks.request(ownLock(this.#channel.id), () => {
        resolve();
        return forever();
      });
    });
    this.#joined.resolve();
    void locks.request(WRITER_LOCK, async () => {
      this.#own = await lead();
      this.#leader?.caller.close(leaderGone);
      this.#leader = undefined;
      this.#leaderKnown.resolve();
      this.#tell();
      return await forever();
    });
    this.#channel.send({ type: 'hello', from: this.#channel.id });
  }

  /** As the leader, tells the other tabs of a change. */
  publish(status: NodeStatus): void {
    this.#status = status;
    this.#tell();
  }

  announceReset(): void {
    this.#channel.send({ type: 'reset', from: this.#channel.id });
  }

  async call<K extends keyof LeaderProcedures>(
    name: K,
    input: LeaderProcedures[K]['input'],
    options: CallOptions<LeaderProcedures[K]['news']> = {},
  ): Promise<LeaderProcedures[K]['output']> {
    const { signal = new AbortController().signal, onNews = () => undefined } = options;
    await withAbort(signal, this.#joined.promise);
    for (;;) {
      throwIfAborted(signal);
      if (this.#own !== undefined) {
        const handler = this.#own[name] as (
          input: LeaderProcedures[K]['input'],
          context: { signal: AbortSignal; news: (news: LeaderProcedures[K]['news']) => void },
        ) => Promise<LeaderProcedures[K]['output']>;
        return await handler(input, { signal, news: onNews });
      }
      if (this.#leader === undefined) {
        await withAbort(signal, this.#leaderKnown.promise);
        continue;
      }
      try {
        return await this.#leader.caller.call(name, input, options);
      } catch (error) {
        if (error !== leaderGone) throw error;
      }
    }
  }

  #hear(): void {
    this.#channel.onMessage((message) => {
      if (message.type === 'hello') this.#tell();
      if (message.type === 'reset') this.#options.onReset();
      if (message.type === 'call' && message.to === this.#channel.id) {
        this.#receive(message.from, message.message);
      }
      if (message.type === 'leader' && this.#own === undefined) {
        this.#follow(message.from);
        this.#options.onLeaderStatus(message.status);
      }
    });
  }

  #tell(): void {
    const { id } = this.#channel;
    if (this.#own !== undefined && this.#status !== undefined) {
      this.#channel.send({ type: 'leader', from: id, status: this.#status });
    }
  }

  #follow(id: string): void {
    if (this.#leader?.id === id) return;
    const before = this.#leader;
    const { port, receive } = this.#channel.portTo(id);
    this.#leader = { id, caller: new PortCaller(port), receive };
    this.#leaderKnown.resolve();
    before?.caller.close(leaderGone);
  }

  #receive(from: string, message: Message): void {
    if (message.kind === 'call' || message.kind === 'cancel') this.#serve(from)(message);
    else if (this.#leader?.id === from) this.#leader.receive(message);
  }

  /** Serves a follower until its tab is gone, which shows when its lock can be had. */
  #serve(from: string): (message: Message) => void {
    const known = this.#followers.get(from);
    if (known !== undefined) return known;
    if (this.#own === undefined) return () => undefined;
    const { port, receive } = this.#channel.portTo(from);
    const stop = serve(port, this.#own);
    this.#followers.set(from, receive);
    void this.#options.locks.request(ownLock(from), () => {
      this.#followers.delete(from);
      stop();
    });
    return receive;
  }
}

function ownLock(id: string): string {
  return `assay-tab-${id}`;
}

/** Holds a lock until the tab is gone. */
function forever(): Promise<never> {
  return new Promise(() => undefined);
}
