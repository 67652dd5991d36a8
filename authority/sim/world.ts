import type { Effect, Happening, Write } from '../src/consensus/events.ts';
import type { Message } from '../src/consensus/messages.ts';
import type { State } from '../src/consensus/state.ts';
import { EventHeap } from './event-heap.ts';
import { createRandom } from './random.ts';
import { Coverage } from './coverage.ts';
import type { Monitor } from './invariants/monitor.ts';
import { Network } from './network.ts';
import type { Surroundings } from './surroundings.ts';
import { Process } from './process.ts';
import { Trace } from './trace.ts';

/** More than any run takes that comes to an end. */
const MOST_EVENTS = 250_000;
/** Networks up to this size are small: beyond, messages grow with the square of it. */
const SMALL = 10;

/** What the simulated authorities are made of. */
export interface WorldOptions {
  readonly count: number;
  readonly seed: number;
  readonly isEncoded: boolean;
  readonly surroundings: Surroundings;
  /** Authorities that are not bound by the rules from the start. */
  readonly faulty: ReadonlySet<number>;
  /** Processes that are authorities only later, if ever. */
  readonly candidates?: number;
  /** Authorities that run twice. */
  readonly twins: readonly number[];
  readonly makeMonitor: (world: World) => Monitor;
}

/** A network of authorities in one thread, driven by a seeded event heap: the same seed gives the same run. */
export class World {
  readonly network: Network;
  readonly coverage = new Coverage();
  readonly trace = new Trace();
  readonly processes: readonly Process[];
  readonly monitor: Monitor;
  /** Real time, in unix milliseconds. */
  now: number;
  /** Set by the first violation of a rule: the run need not go on. */
  hasFailed = false;
  /** Set once nothing is left to do: spammers go on more slowly, so that a long silence does not take long. */
  isQuiet = false;
  /** Commits with anything in them, and messages of honest processes but tips: what a quiet network has none of. */
  readonly noise = { commits: 0, messages: 0, last: '' };
  readonly #random: () => number;
  readonly #heap = new EventHeap<() => void>();
  readonly #byAuthority: readonly (readonly Process[])[];
  #events = 0;
  readonly #mostEvents: number;
  readonly #names: readonly string[];

  constructor(options: WorldOptions) {
    const { count, seed, twins, faulty } = options;
    this.#mostEvents = MOST_EVENTS * Math.max(1, count / SMALL) ** 2;
    this.now = options.surroundings.start;
    this.#random = createRandom(seed * 2_654_435_761 + 1);
    this.network = new Network(this, options.isEncoded);
    const all = Array.from({ length: count + (options.candidates ?? 0) }, (_, index) => index);
    this.#names = all.map((index) => options.surroundings.nameOf(index));
    const authorities = [...all, ...twins];
    this.processes = authorities.map((authority, id) => {
      const isHonest = !faulty.has(authority) && !twins.includes(authority);
      return new Process(this, { id, authority, ...options.surroundings.authority(authority), isHonest });
    });
    this.#byAuthority = all.map((authority) =>
      this.processes.filter((process) => process.authority === authority),
    );
    this.monitor = options.makeMonitor(this);
  }

  /** A number in [0, 1), of this run. */
  readonly random = (): number => this.#random();

  /** A whole number below `limit`. */
  pick(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Happenings of all processes so far. */
  get events(): number {
    return this.#events;
  }

  /** Processes that are bound by the rules. */
  get honest(): Process[] {
    return this.processes.filter((process) => process.isHonest);
  }

  /** Does something later. */
  after(delay: number, action: () => void): void {
    this.#heap.push(this.now + Math.max(0, delay), action);
  }

  /** Runs for `duration` milliseconds, or until `isDone`; says whether it was done. */
  run(duration: number, isDone: () => boolean = () => false): boolean {
    const end = this.now + duration;
    for (let next = this.#heap.nextAt; next !== undefined && next <= end; next = this.#heap.nextAt) {
      if (this.hasFailed) return false;
      if (isDone()) return true;
      const due = this.#heap.pop();
      if (due === undefined) break;
      this.now = Math.max(this.now, due.at);
      due.item();
    }
    this.now = end;
    return isDone();
  }

  /** Hands an honest process's message to the network, once it was looked at. */
  transmit(from: Process, message: Message, to: number | undefined): void {
    if (from.isHonest) {
      this.monitor.said(from, message);
      if (message.kind !== 'tip' && (to === undefined || this.isHonestAuthority(to))) {
        this.noise.messages += 1;
        this.noise.last = `${message.kind} from ${from.authority} to ${to ?? 'all'}`;
      }
    } else this.monitor.shown(from, message);
    this.carry(from, message, to);
  }

  /** Hands a message to the network, unseen. */
  carry(from: Process, message: Message, to: number | undefined): void {
    const receivers = to === undefined ? this.processes : (this.#byAuthority[to] ?? []);
    for (const receiver of receivers) {
      if (receiver.authority !== from.authority)
        this.network.carry(from.id, from.authority, receiver, message);
    }
  }

  /** Told of bytes that are no message. */
  malformed(authority: number, reason: string): void {
    if (this.isHonestAuthority(authority))
      this.monitor.violated(`I9: ${authority} sent what is no message: ${reason}`);
  }

  /** The name of an authority. */
  nameOf(authority: number): string {
    return this.#names[authority] ?? '';
  }

  /** The index of an authority; -1 when there is none of that name. */
  authorityNamed(name: string): number {
    return this.#names.indexOf(name);
  }

  /** Which authority is member `signer` of the set of an epoch, as a process knows it; -1 for nobody. */
  memberOf({ state }: Process, epoch: number, signer: number): number {
    return this.authorityNamed(state.era.sets[epoch - 1]?.authorities[signer]?.name ?? '');
  }

  isHonestAuthority(authority: number): boolean {
    return this.#byAuthority[authority]?.every((process) => process.isHonest) === true;
  }

  /** Told of every step of every process. */
  stepped(process: Process, happening: Happening, before: State, effects: readonly Effect[]): void {
    this.#events += 1;
    this.trace.add(Math.floor(this.now * 1000));
    this.trace.add(process.id * 64 + happening.kind.length * 8 + effects.length);
    if (this.#events > this.#mostEvents) this.monitor.violated('I17: the run does not come to an end');
    this.monitor.stepped(process, happening, before, effects);
  }

  /** Told of what became durable. */
  durable(process: Process, writes: readonly Write[]): void {
    if (writes.length > 0 && process.isHonest) this.noise.commits += 1;
    this.monitor.durable(process, writes);
  }

  /** Told of every checkpoint that is published. */
  published(process: Process, checkpoint: Extract<Effect, { kind: 'publish' }>): void {
    this.coverage.note('checkpoint published');
    this.monitor.published(process, checkpoint);
  }
}
