import type { Transport } from '../consensus.ts';

/** Transports of a network in one process: bytes arrive in a later turn, copied, unless either side is cut off. */
export class Loopback {
  readonly #handlers = new Map<number, (from: number, bytes: Uint8Array) => void>();
  readonly #cut = new Set<number>();
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  /** The transport of one authority. Its last handler counts. */
  transport(me: number): Transport {
    const send = (to: number, bytes: Uint8Array) => this.#carry(me, to, bytes);
    return {
      send,
      broadcast: (bytes) => {
        for (let to = 0; to < this.#count; to++) if (to !== me) send(to, bytes);
      },
      onMessage: (handler) => void this.#handlers.set(me, handler),
    };
  }

  /** Cuts an authority off, or joins it again. */
  setCut(node: number, isCut: boolean): void {
    if (isCut) this.#cut.add(node);
    else this.#cut.delete(node);
  }

  #carry(from: number, to: number, bytes: Uint8Array): void {
    if (this.#cut.has(from) || this.#cut.has(to)) return;
    const copy = bytes.slice();
    setImmediate(() => this.#handlers.get(to)?.(from, copy));
  }
}
