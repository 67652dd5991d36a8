import type { Transport } from '../consensus.ts';

/** Transports of a network in one process: bytes arrive in a later turn, copied, unless either side is cut off. */
export class Loopback {
  readonly #handlers = new Map<string, (from: string, bytes: Uint8Array) => void>();
  readonly #cut = new Set<string>();

  /** The transport of one authority. Its last handler counts. */
  transport(me: string): Transport {
    const send = (to: string, bytes: Uint8Array) => this.#carry(me, to, bytes);
    return {
      send,
      broadcast: (bytes) => {
        for (const to of this.#handlers.keys()) if (to !== me) send(to, bytes);
      },
      onMessage: (handler) => void this.#handlers.set(me, handler),
    };
  }

  /** Cuts an authority off, or joins it again. */
  setCut(node: string, isCut: boolean): void {
    if (isCut) this.#cut.add(node);
    else this.#cut.delete(node);
  }

  #carry(from: string, to: string, bytes: Uint8Array): void {
    if (this.#cut.has(from) || this.#cut.has(to)) return;
    const copy = bytes.slice();
    setImmediate(() => this.#handlers.get(to)?.(from, copy));
  }
}
