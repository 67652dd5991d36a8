import type { Effect, OwnStatement, Write } from './events.ts';
import type { Message } from './messages.ts';
import { contextOf, type Context, type Network } from './era.ts';
import { viewOf, type PeerState, type State, type ViewState } from './state.ts';
import { ANSWER_BURST, MAX_PEERS } from './limits.ts';

/** The working place of one event: the state so far and the effects so far. Lives no longer than the event. */
export class Step {
  readonly network: Network;
  /** Unix milliseconds. */
  readonly now: number;
  #state: State;
  readonly #effects: Effect[] = [];
  readonly #writes: Write[] = [];
  readonly #release: OwnStatement[] = [];

  constructor(network: Network, state: State, now: number) {
    this.network = network;
    this.now = now;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** What the rules go by in the present epoch. */
  get context(): Context {
    return contextOf(this.network, this.#state.era);
  }

  /** Replaces parts of the state. */
  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
  }

  /** Replaces the whole state. */
  replace(state: State): void {
    this.#state = state;
  }

  /** Replaces parts of what is known about a view. */
  setView(view: number, change: Partial<ViewState>): void {
    const views = new Map(this.#state.views);
    views.set(view, { ...viewOf(this.#state, view), ...change });
    this.set({ views });
  }

  peer(name: string): PeerState {
    return (
      this.#state.peers.get(name) ?? {
        budget: ANSWER_BURST,
        budgetAt: this.now,
        answered: new Set(),
        answeredAt: this.now,
      }
    );
  }

  /** Replaces parts of what is remembered of a peer. Of too many the one that was quiet longest is forgotten. */
  setPeer(name: string, change: Partial<PeerState>): void {
    const peers = new Map(this.#state.peers);
    peers.set(name, { ...this.peer(name), ...change });
    if (peers.size > MAX_PEERS) {
      const heardAt = (one: string) => peers.get(one)?.heardAt ?? 0;
      const quiet = [...peers.keys()]
        .filter((one) => one !== name)
        .toSorted((a, b) => heardAt(a) - heardAt(b));
      peers.delete(quiet[0] ?? '');
    }
    this.set({ peers });
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  send(to: string, message: Message): void {
    if (to !== this.network.name) this.emit({ kind: 'send', to, message });
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
