import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Logger, Transport } from './consensus.ts';
import type { Effect, FinalBlock, Happening, OwnStatement, TimerName, Write } from './events.ts';
import { decodeMessage, encodeMessage, type Message } from './messages.ts';
import { reduce } from './reducer.ts';
import type { Network } from './era.ts';
import type { State } from './state.ts';
import { finalRun, type ConsensusStore } from './store.ts';

/** A busy authority ticks about every five delays (rule R9). */
const TICK_DELAYS = 5;

/** An authority that just started ticks as if busy until it heard from all others, or this many times. */
const SETTLING_TICKS = 12;

/** Least time between two warnings about one authority's messages, in milliseconds. */
const WARNING_PAUSE = 60_000;

/** What the driver needs of the world, and whom it tells. */
export interface DriverPorts {
  readonly network: Network;
  readonly store: ConsensusStore;
  readonly transport: Pick<Transport, 'send' | 'broadcast'>;
  readonly logger: Logger;
  /** Unix milliseconds. */
  now(): number;
  /** A number in [0, 1), for the spread of ticks. */
  random(): number;
  readonly idleTick: number;
  /** Blocks that are final and durable, in order. */
  onFinal(finals: readonly FinalBlock[]): void;
  onPublish(checkpoint: Extract<Effect, { kind: 'publish' }>): void;
}

/**
 * Turns the reducer's effects into commits, sends and timers, and what comes of them into events. Events are taken one after the
 * other; when none waits, everything written meanwhile is committed at once, and only then own statements leave.
 */
export class Driver {
  readonly #ports: DriverPorts;
  readonly #waiting: Happening[] = [];
  readonly #timers = new Map<TimerName | 'tick', NodeJS.Timeout>();
  readonly #warnedAt = new Map<string, number>();
  #state: State;
  #writes: Write[] = [];
  #release: OwnStatement[] = [];
  #isRunning = false;
  #isStopped = false;
  #hasFailed = false;

  constructor(ports: DriverPorts, state: State) {
    this.#ports = ports;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** Takes in what happened, and all that follows from it. */
  post(happening: Happening): void {
    if (this.#isStopped) return;
    this.#waiting.push(happening);
    if (!this.#isRunning) this.#run();
  }

  /** Takes in bytes from another authority; what is not a message is dropped. */
  receive(from: string, bytes: Uint8Array): void {
    if (this.#isStopped || from === this.#ports.network.name) return;
    const message = decodeMessage(bytes);
    if (message.ok) this.post({ kind: 'message', from, message: message.value });
    else this.#warnOf(from, message.error);
  }

  start(): void {
    this.#scheduleTick();
    this.post({ kind: 'start' });
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #run(): void {
    this.#isRunning = true;
    try {
      while (!this.#isStopped) {
        const happening = this.#waiting.shift();
        if (happening !== undefined) this.#step(happening);
        else if (this.#writes.length > 0 || this.#release.length > 0) this.#commit();
        else return;
      }
    } finally {
      this.#isRunning = false;
    }
  }

  #step(happening: Happening): void {
    const { network, logger } = this.#ports;
    const before = this.#state.halted;
    const { state, effects } = reduce(network, this.#state, { ...happening, now: this.#ports.now() });
    this.#state = state;
    if (state.halted !== before && state.halted !== undefined)
      logger.warn(`this authority stops voting: ${state.halted.reason}`);
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.#writes.push(...effect.writes);
        this.#release.push(...effect.release);
        return;
      case 'send':
        return this.#send(effect.to, effect.message);
      case 'broadcast':
        return this.#ports.transport.broadcast(encodeMessage(effect.message));
      case 'set-timer': {
        const { timer, view } = effect;
        return this.#setTimer(timer, effect.after, () => this.post({ kind: 'timer', timer, view }));
      }
      case 'stop-timer':
        return this.#stopTimer(effect.timer);
      case 'tick-rate':
        return this.#scheduleTick();
      case 'serve-final':
        return this.#serveFinal(effect.to, effect.from);
      case 'publish':
        return this.#ports.onPublish(effect);
      default:
        return effect satisfies never;
    }
  }

  /** One commit for all that was written since the last one. If it fails nothing leaves, now or later. */
  #commit(): void {
    const writes = this.#writes;
    const release = this.#release;
    this.#writes = [];
    this.#release = [];
    if (this.#hasFailed) return;
    try {
      this.#ports.store.commit(writes);
    } catch (error) {
      this.#hasFailed = true;
      this.#waiting.push({
        kind: 'storage-failed',
        reason: `its database cannot be written: ${String(error)}`,
      });
      return;
    }
    for (const write of writes) {
      if (write.kind === 'evidence')
        this.#ports.logger.warn(`an authority contradicted itself: ${write.key}`);
    }
    const finals = writes.flatMap((write) => (write.kind === 'final' ? [write.final] : []));
    if (finals.length > 0) this.#ports.onFinal(finals);
    this.#waiting.push({ kind: 'persisted', release });
  }

  /** Once in a while per authority: garbage must not fill the operator's log. */
  #warnOf(from: string, error: AssayError): void {
    const now = this.#ports.now();
    if (Math.abs(now - (this.#warnedAt.get(from) ?? 0)) < WARNING_PAUSE) return;
    this.#warnedAt.set(from, now);
    this.#ports.logger.warn(`${from} sent what is no consensus message: ${error.message}`);
  }

  #serveFinal(to: string, from: number): void {
    try {
      const run = finalRun(this.#ports.store, from);
      if (run !== undefined) this.#send(to, run);
    } catch (error) {
      this.#ports.logger.warn(`final blocks from height ${from} cannot be read: ${String(error)}`);
    }
  }

  #send(to: string, message: Message): void {
    this.#ports.transport.send(to, encodeMessage(message));
  }

  #scheduleTick(): void {
    const { network, idleTick, random } = this.#ports;
    const isQuick = this.#state.isBusy || this.#isSettling();
    const wait = isQuick ? TICK_DELAYS * network.delta * (1 + random() / 5) : idleTick * (1 + random());
    this.#setTimer('tick', wait, () => {
      this.#scheduleTick();
      this.post({ kind: 'tick' });
    });
  }

  #isSettling(): boolean {
    const { peers, ticks, era } = this.#state;
    const own = this.#ports.network.name;
    const isUnheard = (name: string) => name !== own && peers.get(name)?.heardAt === undefined;
    return ticks < SETTLING_TICKS && era.names.some(isUnheard);
  }

  #setTimer(name: TimerName | 'tick', after: number, action: () => void): void {
    this.#stopTimer(name);
    if (!this.#isStopped) this.#timers.set(name, setTimeout(action, after));
  }

  #stopTimer(name: TimerName | 'tick'): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
