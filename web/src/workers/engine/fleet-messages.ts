import type { NodeStatus } from '../../lib/node/api.ts';
import type { Message, Port } from '../../lib/rpc/procedures.ts';
import { fromWireValue, toWireValue } from '../../lib/rpc/wire-values.ts';

/** What the engines of an origin's tabs say to one another. `from` and `to` are tab ids. */
export type FleetMessage =
  /** A tab is new and wants to know who leads. */
  | { readonly type: 'hello'; readonly from: string }
  /** The leader tells of itself, and of everything that changed. */
  | { readonly type: 'leader'; readonly from: string; readonly status: NodeStatus }
  | { readonly type: 'call'; readonly from: string; readonly to: string; readonly message: Message }
  /** Everything stored is about to be deleted. */
  | { readonly type: 'reset'; readonly from: string };

/** What is used of a BroadcastChannel. */
export interface Channel {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  close(): void;
}

/** Sends and hears fleet messages; errors in them keep their codes. */
export class FleetChannel {
  readonly id: string;
  readonly #channel: Channel;

  constructor(channel: Channel, id: string) {
    this.#channel = channel;
    this.id = id;
  }

  send(message: FleetMessage): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- only windows have target origins
    this.#channel.postMessage(toWireValue(message));
  }

  onMessage(listener: (message: FleetMessage) => void): void {
    this.#channel.addEventListener('message', ({ data }) => listener(fromWireValue(data) as FleetMessage));
  }

  /** Calls to and from one other tab. `receive` is to be given the calls' messages that come from there. */
  portTo(to: string): { readonly port: Port; readonly receive: (message: Message) => void } {
    const listeners: ((message: Message) => void)[] = [];
    return {
      port: {
        send: (message) => this.send({ type: 'call', from: this.id, to, message }),
        onMessage: (listener) => void listeners.push(listener),
      },
      receive(message) {
        for (const listener of listeners) listener(message);
      },
    };
  }

  close(): void {
    this.#channel.close();
  }
}
