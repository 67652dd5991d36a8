import type { Effect, Happening, TimerName } from '../src/consensus/events.ts';
import type { Message } from '../src/consensus/messages.ts';
import { reduce } from '../src/consensus/reducer.ts';
import { restore } from '../src/consensus/rules/replay.ts';
import { contextOf, eraAt, type Context, type Network } from '../src/consensus/era.ts';
import type { State } from '../src/consensus/state.ts';
import { isHandoffDue } from '../src/consensus/ledger.ts';
import { finalRun } from '../src/consensus/store.ts';
import { Clock } from './clock.ts';
import { Disk } from './disk.ts';
import type { Unsynced } from './plan.ts';
import type { World } from './world.ts';

/** As in the driver: busy authorities tick every five delays, idle ones seldom, new ones often until they heard from all. */
const TICK_DELAYS = 5;
const IDLE_TICK = 30_000;
const SETTLING_TICKS = 12;
/** Milliseconds that a commit, and appending to the log's files, take at most on a disk in order. */
const COMMIT_TIME = 3;
const LOG_TIME = 10;

/** Replaces what a byzantine authority says; `to` is undefined for everybody. */
export interface Puppeteer {
  says(message: Message, to: number | undefined): void;
  hears(from: number, message: Message): void;
}

/** What a process is started as. */
export interface ProcessOptions {
  readonly id: number;
  readonly authority: number;
  readonly network: Network;
  readonly genesis: State;
  readonly isHonest: boolean;
}

/** One process of one authority: the production reducer, with a simulated disk, clock and network around it. */
export class Process {
  readonly id: number;
  readonly authority: number;
  readonly network: Network;
  readonly clock = new Clock();
  readonly disk: Disk;
  /** Whether it is bound by the rules: not byzantine, no twin, never started from an old copy. */
  isHonest: boolean;
  /** Whether it may be out of touch for good: byzantine, or its disk or clock is broken. */
  isImpaired = false;
  puppeteer: Puppeteer | undefined;
  /** A crash right before or after this commit, counted over all lives. */
  crashAt: { commit: number; side: 'before' | 'after'; down: number } | undefined;
  /** Happenings the reducer was given. */
  events = 0;
  readonly #world: World;
  readonly genesis: State;
  #life: number | undefined;
  #lives = 0;
  #state: State;
  #ticks = 0;
  #rounds = new Map<TimerName | 'tick', number>();
  #round = 0;
  #commitsEnd = 0;
  #logEnd = 0;

  constructor(world: World, { id, authority, network, genesis, isHonest }: ProcessOptions) {
    this.#world = world;
    this.id = id;
    this.authority = authority;
    this.network = network;
    this.isHonest = isHonest;
    this.disk = new Disk(world.random);
    this.genesis = genesis;
    this.#state = genesis;
  }

  /** What its rules go by in the epoch it is in. */
  get context(): Context {
    return contextOf(this.network, this.#state.era);
  }

  /** The same for an epoch it has been in; the present one's for any other. */
  contextAt(epoch: number): Context {
    const { era } = this.#state;
    return epoch < era.epoch ? contextOf(this.network, eraAt(this.network, era, epoch)) : this.context;
  }

  /** Whether it is in the set of the epoch it is in, under a key that it holds. */
  get isMember(): boolean {
    return this.#state.era.me !== undefined;
  }

  get life(): number | undefined {
    return this.#life;
  }

  /** What time it really is. */
  get worldNow(): number {
    return this.#world.now;
  }

  /** The state it is in, or was in when it ended. */
  get state(): State {
    return this.#state;
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Starts it from what its disk holds; nothing happens if it runs. */
  start(): void {
    if (this.isRunning) return;
    const recovered = this.disk.recover();
    if (recovered.votes.length > 0) this.#world.coverage.note('restarted with own votes');
    this.#state = restore(this.network, this.genesis, recovered, this.clock.read(this.#world.now));
    if (this.puppeteer !== undefined) this.#state = withoutHalt(this.#state);
    this.#life = ++this.#lives;
    this.#ticks = 0;
    this.#rounds = new Map();
    this.#commitsEnd = this.#world.now;
    this.#logEnd = this.#world.now;
    this.happen({ kind: 'start' });
    this.#sayOldHead();
    this.#appendLog();
    this.#scheduleTick();
  }

  /** Ends it at once. */
  crash(unsynced: Unsynced): void {
    if (!this.isRunning) return;
    this.#life = undefined;
    if (isHandoffDue(this.#state.final.ledger, this.context))
      this.#world.coverage.note('crashed in a hand-off');
    const fate = this.disk.crash(unsynced);
    if (fate !== undefined) this.#world.coverage.note(fate);
  }

  hear(from: number, message: Message): void {
    if (from === this.authority) return;
    this.puppeteer?.hears(from, message);
    this.happen({ kind: 'message', from: this.#world.nameOf(from), message });
  }

  /** One step of the reducer, and all that it asks for. */
  happen(happening: Happening): void {
    if (!this.isRunning || this.#world.hasFailed) return;
    const before = this.#state;
    const event = { ...happening, now: this.clock.read(this.#world.now) };
    const { state, effects } = reduce(this.network, before, event);
    this.#state = this.puppeteer === undefined ? state : withoutHalt(state);
    this.events += 1;
    this.#world.stepped(this, happening, before, effects);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.#persist(effect);
      case 'send':
        return this.#say(effect.message, this.#world.authorityNamed(effect.to));
      case 'broadcast':
        return this.#say(effect.message, undefined);
      case 'set-timer': {
        const { timer, view } = effect;
        return this.#setTimer(timer, effect.after, () => this.happen({ kind: 'timer', timer, view }));
      }
      case 'stop-timer':
        return void this.#rounds.delete(effect.timer);
      case 'tick-rate':
        return this.#scheduleTick();
      case 'serve-final': {
        const run = finalRun(this.disk.store, effect.from);
        return run === undefined ? undefined : this.#say(run, this.#world.authorityNamed(effect.to));
      }
      case 'publish':
        return this.#world.published(this, effect);
      default:
        return effect satisfies never;
    }
  }

  #say(message: Message, to: number | undefined): void {
    if (this.puppeteer !== undefined) this.puppeteer.says(message, to);
    else this.#world.transmit(this, message, to);
  }

  #persist({ writes, release }: Extract<Effect, { kind: 'persist' }>): void {
    const { random, now } = this.#world;
    this.disk.stage(writes);
    this.#commitsEnd = Math.max(this.#commitsEnd, now + random() * COMMIT_TIME + this.disk.delay);
    this.#inThisLife(this.#commitsEnd - now, () => {
      if (this.disk.isFailing) return this.#failStorage();
      if (this.#crashesHere('before')) return;
      const synced = this.disk.sync();
      this.#world.durable(this, synced);
      if (synced.some((write) => write.kind === 'final')) this.#appendLog();
      if (this.#crashesHere('after')) return;
      this.happen({ kind: 'persisted', release });
    });
  }

  #failStorage(): void {
    if (this.#state.halted !== undefined) return;
    this.#world.coverage.note('fsync failed');
    this.happen({ kind: 'storage-failed', reason: 'the disk is full' });
  }

  /** Whether this commit is the one before or after which it crashes; then it has. */
  #crashesHere(side: 'before' | 'after'): boolean {
    const { crashAt } = this;
    const commit = this.disk.commits + (side === 'before' ? 1 : 0);
    if (crashAt?.side !== side || commit < crashAt.commit) return false;
    this.crashAt = undefined;
    this.#world.coverage.note(side === 'before' ? 'crash before a commit' : 'crash after a commit');
    this.crash('lost');
    this.#world.after(crashAt.down, () => this.start());
    return true;
  }

  /** After a restart the log's files may be gone through again from some way back. */
  #sayOldHead(): void {
    const head = this.disk.durable.earlierHead;
    if (head === undefined || !this.disk.logHeads.has(`${head.size} ${head.root}`)) return;
    this.#inThisLife(0, () => this.happen({ kind: 'log-durable', head }));
  }

  /** The log's files follow what is final. */
  #appendLog(): void {
    const head = this.disk.durable.head ?? this.genesis.final.ledger;
    const { now, random } = this.#world;
    this.#logEnd = Math.max(this.#logEnd, now + random() * LOG_TIME + this.disk.delay);
    this.#inThisLife(this.#logEnd - now, () => {
      const { size, root } = head;
      this.disk.logHeads.add(`${size} ${root}`);
      this.happen({ kind: 'log-durable', head: { size, root } });
    });
  }

  #scheduleTick(): void {
    const { random } = this.#world;
    const { isBusy, peers, era } = this.#state;
    const isUnheard = (name: string) => name !== this.network.name && peers.get(name)?.heardAt === undefined;
    const isSettling = this.#ticks < SETTLING_TICKS && era.names.some(isUnheard);
    const wait =
      isBusy || isSettling
        ? TICK_DELAYS * this.network.delta * (1 + random() / 5)
        : IDLE_TICK * (1 + random());
    this.#setTimer('tick', wait, () => {
      this.#ticks += 1;
      this.#scheduleTick();
      this.happen({ kind: 'tick' });
    });
  }

  #setTimer(name: TimerName | 'tick', after: number, action: () => void): void {
    const round = ++this.#round;
    this.#rounds.set(name, round);
    this.#inThisLife(after, () => {
      if (this.#rounds.get(name) === round) action();
    });
  }

  #inThisLife(after: number, action: () => void): void {
    const life = this.#life;
    this.#world.after(after, () => {
      if (life !== undefined && this.#life === life) action();
    });
  }
}

/** What would stop an honest authority does not stop a byzantine one. */
function withoutHalt(state: State): State {
  const { halted: _, ...others } = state;
  return others;
}
