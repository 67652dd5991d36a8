import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import type { CallContext, Handlers, Port, Procedures } from './procedures.ts';
import { fromWireValue, toWireValue } from './wire-values.ts';

type AnyHandler = (input: unknown, context: CallContext<unknown>) => Promise<unknown>;

/** Answers the calls that come through a port. The function it gives cancels all of them, because the caller is gone. */
export function serve<T extends Procedures<T>>(port: Port, handlers: Handlers<T>): () => void {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    const { signal } = controller;
    try {
      if (!Object.hasOwn(handlers, name)) {
        throw new AssayError('E_PROTOCOL', { reason: `no procedure is called ${name}` });
      }
      const handler = handlers[name as keyof T] as AnyHandler;
      const output = await handler(fromWireValue(input), {
        signal,
        news(news, transfer = []) {
          if (!signal.aborted) port.send({ kind: 'news', id, news: toWireValue(news) }, [...transfer]);
        },
      });
      port.send({ kind: 'answer', id, output: toWireValue(output) });
    } catch (error) {
      port.send({ kind: 'failure', id, error: toWire(asFailure(error)) });
    } finally {
      running.delete(id);
    }
  };

  port.onMessage((message) => {
    if (message.kind === 'call') void answer(message.id, message.name, message.input);
    if (message.kind === 'cancel') running.get(message.id)?.abort(new AssayError('E_ABORTED'));
  });
  return () => {
    for (const controller of running.values()) controller.abort(new AssayError('E_ABORTED'));
  };
}

function asFailure(error: unknown): AssayError {
  if (isAssayError(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new AssayError('E_PAGE_UNEXPECTED', { reason: reason.slice(0, MAX_REASON_CHARACTERS) }, error);
}

const MAX_REASON_CHARACTERS = 300;
