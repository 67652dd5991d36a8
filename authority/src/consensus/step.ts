import type { Effect, OwnStatement, Write } from './events.ts';
import type { Message } from './messages.ts';
import { viewOf, type Context, type PeerState, type State, type ViewState } from './state.ts';
import { ANSWER_BURST } from './limits.ts';

/** The working place of one event: the state so far and the effects so far. Lives no longer than the event. */
export class Step {
  readonly context: Context;
  /** Unix milliseconds. */
  readonly now: number;
  #state: State;
  readonly #effects: Effect[] = [];
  readonly #writes: Write[] = [];
  readonly #release: OwnStatement[] = [];

  constructor(context: Context, state: State, now: number) {
    this.context = context;
    this.now = now;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Replaces parts of the state. */
  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
  }

  /** Replaces parts of what is known about a view. */
  setView(view: number, change: Partial<ViewState>): void {
    const views = new Map(this.#state.views);
    views.set(view, { ...viewOf(this.#state, view), ...change });
    this.set({ views });
  }

  peer(index: number): PeerState {
    return (
      this.#state.peers.get(index) ?? {
        budget: ANSWER_BURST,
        budgetAt: this.now,
        answered: new Set(),
        answeredAt: this.now,
      }
    );
  }

  /** Replaces parts of what is remembered of a peer. */
  setPeer(index: number, change: Partial<PeerState>): void {
    const peers = new Map(this.#state.peers);
    peers.set(index, { ...this.peer(index), ...change });
    this.set({ peers });
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  send(to: number, message: Message): void {
    if (to !== this.context.me) this.emit({ kind: 'send', to, message });
  }

  broadcast(message: Message): void {
    this.emit({ kind: 'broadcast', message });
  }

  /** Makes things durable; all writes of one step are committed together. */
  write(...writes: readonly Write[]): void {
    this.#writes.push(...writes);
  }

  /** Lets an own statement leave once all writes of this step are durable. */
  release(statement: OwnStatement): void {
    this.#release.push(statement);
  }

  /** The outcome: state, then effects, the commit last so that what needs no disk leaves first. */
  finish(): { state: State; effects: readonly Effect[] } {
    const mustPersist = this.#writes.length > 0 || this.#release.length > 0;
    const persist: Effect = { kind: 'persist', writes: this.#writes, release: this.#release };
    return { state: this.#state, effects: mustPersist ? [...this.#effects, persist] : this.#effects };
  }
}
