import { decodeMessage, encodeMessage, type Message } from '../src/consensus/messages.ts';
import type { Coverage } from './coverage.ts';
import type { Fault, Grouping } from './plan.ts';

/** One-way delays of a network in order, in milliseconds. */
const FAIR = { least: 1, most: 20 } as const;
const LATE = 150;
const HEAVY_TAIL = { chance: 0.1, stretch: 40 } as const;

/** What may be in force for a while. */
export type NetworkFault = Extract<
  Fault,
  { kind: 'loss' | 'duplicates' | 'late' | 'heavy-tail' | 'partition' | 'one-way' }
>;

/** Someone who hears messages. */
export interface Receiver {
  readonly id: number;
  readonly authority: number;
  /** Differs after every restart: what was sent to an earlier life is lost. */
  readonly life: number | undefined;
  hear(from: number, message: Message): void;
}

/** What the network needs of the simulation around it. */
export interface NetworkPorts {
  after(delay: number, action: () => void): void;
  random(): number;
  readonly coverage: Coverage;
  /** Told of bytes that are no message. */
  malformed(authority: number, reason: string): void;
}

/** Carries messages late, twice, or not at all, as the faults in force have it. */
export class Network {
  /** Messages handed over, by kind. */
  readonly traffic = new Map<Message['kind'], number>();
  /** Every message takes exactly so long, where set. */
  exactDelay: number | undefined;
  /** Longest delay of a network in order, in milliseconds. */
  slowest: number = FAIR.most;
  readonly #ports: NetworkPorts;
  readonly #isEncoded: boolean;
  readonly #inForce = new Set<NetworkFault>();
  readonly #encoded = new WeakMap<Message, Uint8Array>();
  #cuts = new Set<number>();
  #rates = { loss: 0, duplicates: 0, late: 0, 'heavy-tail': 0 };

  constructor(ports: NetworkPorts, isEncoded: boolean) {
    this.#ports = ports;
    this.#isEncoded = isEncoded;
  }

  begin(fault: NetworkFault): void {
    this.#inForce.add(fault);
    if (fault.kind === 'partition') this.#ports.coverage.note('partition');
    if (fault.kind === 'one-way') this.#ports.coverage.note('one-way link');
    this.#arrange();
  }

  end(fault: NetworkFault): void {
    this.#inForce.delete(fault);
    this.#arrange();
  }

  /** From now on everything arrives soon. */
  heal(): void {
    this.#inForce.clear();
    this.#arrange();
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts.has(linkOf(from, to));
  }

  /** Hands a message from the process `from` of `authority` over to `to`. */
  carry(from: number, authority: number, to: Receiver, message: Message): void {
    this.traffic.set(message.kind, (this.traffic.get(message.kind) ?? 0) + 1);
    if (this.#cuts.size > 0 && this.isCut(from, to.id)) return;
    const { random, coverage } = this.#ports;
    const { loss, duplicates } = this.#rates;
    if (loss > 0 && random() < loss) return coverage.note('message lost');
    this.#deliver(authority, to, message);
    if (duplicates === 0 || random() >= duplicates) return;
    coverage.note('message doubled');
    this.#deliver(authority, to, message);
  }

  #deliver(authority: number, to: Receiver, message: Message): void {
    const { life } = to;
    if (life === undefined) return;
    this.#ports.after(this.#delay(), () => {
      const arrived = this.#isEncoded ? this.#recode(authority, message) : message;
      if (arrived !== undefined && to.life === life) to.hear(authority, arrived);
    });
  }

  #recode(authority: number, message: Message): Message | undefined {
    const bytes = this.#encoded.get(message) ?? encodeMessage(message);
    this.#encoded.set(message, bytes);
    const decoded = decodeMessage(bytes);
    if (decoded.ok) return decoded.value;
    this.#ports.malformed(authority, decoded.error.message);
    return undefined;
  }

  #delay(): number {
    if (this.exactDelay !== undefined) return this.exactDelay;
    const { random, coverage } = this.#ports;
    const { late, 'heavy-tail': tail } = this.#rates;
    const most = late > 0 ? Math.max(this.slowest, LATE * late) : this.slowest;
    const delay = FAIR.least + random() * (most - FAIR.least);
    if (tail === 0 || random() >= tail * HEAVY_TAIL.chance) return delay;
    coverage.note('message late');
    return delay * HEAVY_TAIL.stretch;
  }

  #arrange(): void {
    this.#cuts = new Set();
    this.#rates = { loss: 0, duplicates: 0, late: 0, 'heavy-tail': 0 };
    for (const fault of this.#inForce) {
      if (fault.kind === 'one-way') this.#cuts.add(linkOf(fault.sender, fault.receiver));
      else if (fault.kind === 'partition') this.#cut(fault.groups);
      else this.#rates[fault.kind] = Math.max(this.#rates[fault.kind], fault.rate);
    }
  }

  /** Cuts all links but those inside of a group; a process may be in several groups, as a bridge between them. */
  #cut(groups: Grouping): void {
    const all = [...new Set(groups.flat())];
    for (const from of all) {
      for (const to of all) {
        const isTogether = groups.some((group) => group.includes(from) && group.includes(to));
        if (!isTogether) this.#cuts.add(linkOf(from, to));
      }
    }
  }
}

/** More processes than any network here has. */
const MOST_PROCESSES = 1024;

function linkOf(from: number, to: number): number {
  return from * MOST_PROCESSES + to;
}
