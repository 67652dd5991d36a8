import { AssayError, fromWire } from '@assay/core/errors/assay-error.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import type { Caller, CallOptions, Message, Port, Procedures } from './procedures.ts';
import { fromWireValue, toWireValue } from './wire-values.ts';

interface OpenCall {
  readonly onNews: ((news: unknown) => void) | undefined;
  readonly settle: (message: Message) => void;
  readonly fail: (error: AssayError) => void;
}

/** Calls procedures over a port. */
export class PortCaller<T extends Procedures<T>> implements Caller<T> {
  readonly #port: Port;
  readonly #open = new Map<number, OpenCall>();
  #next = 0;
  #closed: AssayError | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.onMessage((message) => this.#receive(message));
  }

  /** Rejects with the AssayError of the other side; with `E_ABORTED` at once when the signal fires. */
  async call<K extends keyof T & string>(
    name: K,
    input: T[K]['input'],
    options: CallOptions<T[K]['news']> = {},
  ): Promise<T[K]['output']> {
    const { signal, onNews } = options;
    throwIfAborted(signal);
    if (this.#closed !== undefined) throw this.#closed;
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = (): void => {
      this.#port.send({ kind: 'cancel', id });
      reject(new AssayError('E_ABORTED'));
    };
    signal?.addEventListener('abort', cancel, { once: true });
    this.#open.set(id, {
      onNews: onNews as OpenCall['onNews'],
      settle(message) {
        if (message.kind === 'answer') resolve(fromWireValue(message.output));
        if (message.kind === 'failure') reject(fromWire(message.error));
      },
      fail: reject,
    });
    try {
      this.#port.send({ kind: 'call', id, name, input: toWireValue(input) });
      return (await promise) as T[K]['output'];
    } finally {
      this.#open.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Ends every open call with this error, and all that are made from now on: the other side is gone. */
  close(error: AssayError): void {
    this.#closed = error;
    for (const { fail } of this.#open.values()) fail(error);
  }

  #receive(message: Message): void {
    const call = this.#open.get(message.id);
    if (message.kind === 'news') call?.onNews?.(fromWireValue(message.news));
    else call?.settle(message);
  }
}
