import type { MeshChannel } from '../network/mesh.ts';

/** The streams between the authorities of a test, without sockets. */
export class Channels {
  /** Decides which frames arrive; by default all. */
  delivers: (from: string, to: string) => boolean = () => true;
  readonly #members = new Map<string, Member>();

  /** The channel of one authority, which is reachable from now on. */
  member(me: string): MeshChannel & { leave(): void } {
    const member: Member = { onMessage: [], onConnect: [] };
    this.#members.set(me, member);
    const send = (to: string, bytes: Uint8Array): void => {
      setImmediate(() => {
        if (this.delivers(me, to)) this.#members.get(to)?.onMessage.forEach((handler) => handler(me, bytes));
      });
    };
    const others = (): string[] => [...this.#members.keys()].filter((name) => name !== me);
    return {
      send,
      broadcast: (bytes) => others().forEach((to) => send(to, bytes)),
      onMessage: (handler) => void member.onMessage.push(handler),
      onConnect: (handler) => void member.onConnect.push(handler),
      connected: () => new Set(others()),
      leave: () => void this.#members.delete(me),
    };
  }

  /** Tells each member that it has reached each other one. */
  connectAll(): void {
    for (const [me, { onConnect }] of this.#members) {
      for (const peer of this.#members.keys()) if (peer !== me) onConnect.forEach((handler) => handler(peer));
    }
  }
}

interface Member {
  readonly onMessage: ((from: string, bytes: Uint8Array) => void)[];
  readonly onConnect: ((peer: string) => void)[];
}
