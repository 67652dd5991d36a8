import type { Event, Happening, Effect, FinalBlock, OwnStatement, Write } from '../events.ts';
import { MemoryStore } from '../memory-store.ts';
import { decodeMessage, encodeMessage, type Message } from '../messages.ts';
import { reduce } from '../reducer.ts';
import { restore } from '../rules/replay.ts';
import type { Context, State } from '../state.ts';
import { finalRun } from '../store.ts';
import type { SignedTreeHead, TreeHead } from '../cosignature.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { EventHeap } from './event-heap.ts';
import { FAKE_START, fakeContext, fakeState } from './fake-network.ts';
import { createRandom } from './random.ts';

/** How the network treats messages. */
export interface Weather {
  readonly minDelay: number;
  readonly maxDelay: number;
  /** Chance that a message is lost, and that it comes twice. */
  readonly loss: number;
  readonly duplicates: number;
  /** Whether the link is cut. */
  isCut?(from: number, to: number): boolean;
}

/** A network that loses nothing. */
export const FAIR: Weather = { minDelay: 1, maxDelay: 20, loss: 0, duplicates: 0 };

/** What a simulated network is made of. */
export interface ClusterOptions {
  readonly count: number;
  readonly seed: number;
  readonly delta?: number;
  readonly weather?: Weather;
  /** Authorities that never run. */
  readonly silent?: readonly number[];
  /** Authorities whose outgoing messages are replaced. */
  readonly byzantine?: ReadonlyMap<number, Tamper>;
  /** Sends every message through its encoding. */
  readonly encode?: boolean;
  /** Milliseconds a commit takes, at most. */
  readonly commitTime?: number;
}

/** What a faulty authority sends in place of what an honest one would: messages to peers. */
export type Tamper = (
  context: Context,
  message: Message,
  to: number | undefined,
) => readonly { to: number; message: Message }[];

interface Running {
  state: State;
  /** Differs after every restart: what an earlier life set going is void. */
  life: number;
  busyTicks: boolean;
  /** Differs after every setting: the number of the newest tick and timers, by name. */
  readonly rounds: Map<string, number>;
}

interface Due {
  readonly node: number;
  readonly life: number;
  readonly happening: Happening;
  /** What is durable from then on. */
  readonly commit?: readonly Write[];
  /** Void unless it is still the newest of its name. */
  readonly round?: { readonly name: string; readonly number: number };
}

/** Everything that was seen of one authority, over all its lives. */
export interface Seen {
  readonly final: FinalBlock[];
  readonly said: OwnStatement[];
  readonly published: { head: TreeHead; cosignatures: readonly SignedTreeHead[] }[];
}

/** Called before an authority's own statement is handed to the network, with what its database holds. */
export type Witness = (node: number, statement: OwnStatement, store: MemoryStore) => void;

const TICK_DELAYS = 5;
const IDLE_TICK = 30_000;

/** A network of authorities in one thread, driven by a seeded event heap: the same seed gives the same run. */
export class Cluster {
  readonly contexts: readonly Context[];
  readonly seen: readonly Seen[];
  readonly stores: readonly MemoryStore[];
  weather: Weather;
  now = FAKE_START;
  /** Messages handed to the network, by kind. */
  readonly traffic = new Map<string, number>();
  witness: Witness | undefined;

  readonly #options: ClusterOptions;
  readonly #random: () => number;
  readonly #heap = new EventHeap<Due>();
  readonly #nodes: (Running | undefined)[];
  readonly #logs: TreeHead[];
  #lives = 0;
  #settings = 0;

  constructor(options: ClusterOptions) {
    const { count, seed, delta } = options;
    this.#options = options;
    this.#random = createRandom(seed);
    this.weather = options.weather ?? FAIR;
    this.contexts = Array.from({ length: count }, (_, me) => fakeContext(me, count, delta));
    this.stores = this.contexts.map(() => new MemoryStore());
    this.seen = this.contexts.map(() => ({ final: [], said: [], published: [] }));
    this.#nodes = this.contexts.map(() => undefined);
    this.#logs = this.contexts.map((context) => {
      const { size, root } = fakeState(context).final.ledger;
      return { size, root };
    });
    for (const node of this.contexts.keys()) if (options.silent?.includes(node) !== true) this.start(node);
  }

  /** Indices of authorities that follow the rules, running or not. */
  get honest(): number[] {
    const { silent = [], byzantine } = this.#options;
    return [...this.contexts.keys()].filter(
      (node) => !silent.includes(node) && byzantine?.has(node) !== true,
    );
  }

  /** The state of a running authority. */
  state(node: number): State | undefined {
    return this.#nodes[node]?.state;
  }

  /** Starts an authority from what its database holds. */
  start(node: number): void {
    const context = this.#context(node);
    const store = this.#store(node);
    const state = restore(context, fakeState(context), store.recover(), this.now);
    this.#nodes[node] = { state, life: ++this.#lives, busyTicks: false, rounds: new Map() };
    this.#happen(node, { kind: 'start' });
    const log = this.#logs[node];
    if (log !== undefined) this.#later(node, this.#upTo(30), { kind: 'log-durable', head: log });
    this.#scheduleTick(node);
  }

  /** Ends an authority at once: commits that are not done are lost. */
  kill(node: number): void {
    this.#nodes[node] = undefined;
  }

  submit(node: number, bytes: Uint8Array): void {
    this.#happen(node, { kind: 'transaction', bytes });
  }

  heartbeat(node: number): void {
    this.#happen(node, { kind: 'heartbeat' });
  }

  /** Runs until `isDone`, or for `duration` milliseconds; says whether it was done. */
  run(duration: number, isDone: () => boolean = () => false): boolean {
    const end = this.now + duration;
    for (let next = this.#heap.nextAt; next !== undefined && next <= end; next = this.#heap.nextAt) {
      if (isDone()) return true;
      const due = this.#heap.pop();
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      this.#perform(due.item);
    }
    this.now = end;
    return isDone();
  }

  #perform({ node, life, happening, commit, round }: Due): void {
    const running = this.#nodes[node];
    if (running === undefined || running.life !== life) return;
    if (round !== undefined && running.rounds.get(round.name) !== round.number) return;
    if (commit !== undefined) this.#commit(node, commit);
    if (happening.kind === 'tick') this.#scheduleTick(node);
    this.#happen(node, happening);
  }

  #happen(node: number, happening: Happening): void {
    const running = this.#nodes[node];
    if (running === undefined) return;
    const event: Event = { ...happening, now: Math.floor(this.now) };
    if (happening.kind === 'persisted') {
      for (const statement of happening.release) {
        this.seen[node]?.said.push(statement);
        this.witness?.(node, statement, this.#store(node));
      }
    }
    const { state, effects } = reduce(this.#context(node), running.state, event);
    running.state = state;
    for (const effect of effects) this.#do(node, effect);
  }

  #do(node: number, effect: Effect): void {
    const running = this.#nodes[node];
    if (running === undefined) return;
    switch (effect.kind) {
      case 'persist': {
        const at = this.now + this.#upTo(this.#options.commitTime ?? 3);
        const happening: Happening = { kind: 'persisted', release: effect.release };
        const due = { node, life: running.life, happening, commit: effect.writes };
        this.#heap.push(Math.max(at, this.#commitsUntil(node, at)), due);
        return;
      }
      case 'send':
        return this.#transmit(node, effect.to, effect.message);
      case 'broadcast':
        return this.#transmit(node, undefined, effect.message);
      case 'set-timer':
        return this.#set(node, effect.timer, effect.after, {
          kind: 'timer',
          timer: effect.timer,
          view: effect.view,
        });
      case 'stop-timer':
        return void running.rounds.delete(effect.timer);
      case 'tick-rate':
        running.busyTicks = effect.busy;
        return this.#scheduleTick(node);
      case 'serve-final': {
        const answer = finalRun(this.#store(node), effect.from);
        if (answer !== undefined) this.#transmit(node, effect.to, answer);
        return;
      }
      case 'publish':
        this.seen[node]?.published.push(effect);
        return;
      default:
        effect satisfies never;
    }
  }

  /** Commits of one authority end in the order they began. */
  readonly #commitEnds = new Map<number, number>();
  #commitsUntil(node: number, at: number): number {
    const end = Math.max(at, this.#commitEnds.get(node) ?? 0);
    this.#commitEnds.set(node, end);
    return end;
  }

  #commit(node: number, writes: readonly Write[]): void {
    this.#store(node).commit(writes);
    for (const write of writes) {
      if (write.kind !== 'final') continue;
      const { final } = write;
      this.seen[node]?.final.push(final);
      if (final.execution.entries.length === 0) continue;
      const { size, root } = final.execution.ledger;
      this.#logs[node] = { size, root };
      this.#later(node, this.#upTo(10), { kind: 'log-durable', head: { size, root } });
    }
  }

  #transmit(from: number, to: number | undefined, message: Message): void {
    const tamper = this.#options.byzantine?.get(from);
    if (tamper !== undefined) {
      for (const other of tamper(this.#context(from), message, to))
        this.#carry(from, other.to, other.message);
      return;
    }
    const receivers = to === undefined ? [...this.contexts.keys()].filter((node) => node !== from) : [to];
    for (const receiver of receivers) this.#carry(from, receiver, message);
  }

  #carry(from: number, to: number, message: Message): void {
    this.traffic.set(message.kind, (this.traffic.get(message.kind) ?? 0) + 1);
    const { loss, duplicates, minDelay, maxDelay, isCut } = this.weather;
    const sent = this.#options.encode === true ? unwrap(decodeMessage(encodeMessage(message))) : message;
    for (let copies = this.#random() < duplicates ? 2 : 1; copies > 0; copies--) {
      if (this.#random() < loss || isCut?.(from, to) === true) continue;
      const delay = minDelay + this.#random() * (maxDelay - minDelay);
      this.#later(to, delay, { kind: 'message', from, message: sent });
    }
  }

  /** Something that will happen to the authority that runs then, in this life or (a message) in any. */
  #later(node: number, after: number, happening: Happening): void {
    const life = this.#nodes[node]?.life;
    if (life === undefined) return;
    this.#heap.push(this.now + after, { node, life, happening });
  }

  /** As `#later`, in place of what was set under this name before. */
  #set(node: number, name: string, after: number, happening: Happening): void {
    const running = this.#nodes[node];
    if (running === undefined) return;
    const number = ++this.#settings;
    running.rounds.set(name, number);
    this.#heap.push(this.now + after, { node, life: running.life, happening, round: { name, number } });
  }

  #scheduleTick(node: number): void {
    const running = this.#nodes[node];
    if (running === undefined) return;
    const base = running.busyTicks ? TICK_DELAYS * this.#context(node).delta : IDLE_TICK;
    this.#set(node, 'tick', base * (1 + this.#random() * (running.busyTicks ? 0.2 : 1)), { kind: 'tick' });
  }

  #upTo(limit: number): number {
    return this.#random() * limit;
  }

  #context(node: number): Context {
    const context = this.contexts[node];
    if (context === undefined) throw new RangeError(`no authority ${node}`);
    return context;
  }

  #store(node: number): MemoryStore {
    const store = this.stores[node];
    if (store === undefined) throw new RangeError(`no authority ${node}`);
    return store;
  }
}
