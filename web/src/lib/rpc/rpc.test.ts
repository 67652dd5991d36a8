import { afterEach, describe, expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { PortCaller } from './caller.ts';
import { portOf, type Ask, type Handlers } from './procedures.ts';
import { serve } from './serve.ts';
import { fromWireValue, toWireValue } from './wire-values.ts';

interface Sums {
  readonly add: Ask<{ a: number; b: number }, number>;
  readonly count: Ask<number, string, number>;
  readonly blocks: Ask<null, null, Uint8Array>;
  readonly fail: Ask<'coded' | 'plain', never>;
  readonly wait: Ask<null, null>;
}

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function connect(extra: Partial<Handlers<Sums>> = {}) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const handlers: Handlers<Sums> = {
    add: async ({ a, b }) => a + b,
    async count(to, { news }) {
      for (let i = 1; i <= to; i++) news(i);
      return 'done';
    },
    async blocks(_input, { news }) {
      const block = new Uint8Array(1024).fill(7);
      news(block, [block.buffer]);
      expect(block.length).toBe(0);
      return null;
    },
    async fail(kind) {
      throw kind === 'coded' ? new AssayError('E_NOT_HELD', { name: 'a.tgz' }) : new TypeError('broken');
    },
    wait: (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    ...extra,
  };
  const stop = serve<Sums>(portOf(port2), handlers);
  return { caller: new PortCaller<Sums>(portOf(port1)), stop };
}

describe('calls over a port', () => {
  it('answers, several at a time', async () => {
    const { caller } = connect();
    const sums = [1, 2, 3].map((a) => caller.call('add', { a, b: 10 }));
    expect(await Promise.all(sums)).toEqual([11, 12, 13]);
  });

  it('tells news in order, before the answer', async () => {
    const { caller } = connect();
    const heard: number[] = [];
    expect(await caller.call('count', 3, { onNews: (n) => heard.push(n) })).toBe('done');
    expect(heard).toEqual([1, 2, 3]);
  });

  it('moves blocks instead of copying them', async () => {
    const { caller } = connect();
    const heard: Uint8Array[] = [];
    await caller.call('blocks', null, { onNews: (block) => heard.push(block) });
    expect(heard).toEqual([new Uint8Array(1024).fill(7)]);
  });

  it('keeps the code and fields of errors, and words the others', async () => {
    const { caller } = connect();
    await expect(caller.call('fail', 'coded')).rejects.toMatchObject({
      code: 'E_NOT_HELD',
      fields: { name: 'a.tgz' },
    });
    await expect(caller.call('fail', 'plain')).rejects.toMatchObject({
      code: 'E_PAGE_UNEXPECTED',
      fields: { reason: 'broken' },
    });
  });

  it('cancels at the other side when the signal fires', async () => {
    const cancelled = Promise.withResolvers<void>();
    const { caller } = connect({
      wait: (_input, { signal }) => {
        signal.addEventListener('abort', () => cancelled.resolve());
        return new Promise(() => undefined);
      },
    });
    const stop = new AbortController();
    const waiting = caller.call('wait', null, { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'E_ABORTED' });
    await cancelled.promise;
  });

  it('refuses what is no procedure, also names that objects inherit', async () => {
    const { caller } = connect();
    await expect(caller.call('toString' as 'add', { a: 0, b: 0 })).rejects.toMatchObject({
      code: 'E_PROTOCOL',
    });
  });

  it('ends open calls when either side is gone', async () => {
    const { caller, stop } = connect();
    const served = caller.call('wait', null);
    await caller.call('add', { a: 1, b: 1 });
    stop();
    await expect(served).rejects.toMatchObject({ code: 'E_ABORTED' });
    const lost = caller.call('wait', null);
    caller.close(new AssayError('E_STREAM_CLOSED'));
    await expect(caller.call('add', { a: 1, b: 1 })).rejects.toMatchObject({ code: 'E_STREAM_CLOSED' });
    await expect(lost).rejects.toMatchObject({ code: 'E_STREAM_CLOSED' });
  });
});

describe('wire values', () => {
  it('carries errors deep inside values and leaves bytes alone', () => {
    const error = new AssayError('E_QUORUM', { have: 2, need: 3 });
    const value = {
      list: [{ error }],
      bytes: Uint8Array.of(1, 2),
      map: Object.assign(Object.create(null), { a: 1 }),
    };
    const copy = fromWireValue(structuredClone(toWireValue(value))) as typeof value;
    expect(copy.list[0]?.error).toBeInstanceOf(AssayError);
    expect(copy.list[0]?.error).toMatchObject({ code: 'E_QUORUM', fields: { have: 2, need: 3 } });
    expect(copy.bytes).toEqual(value.bytes);
    expect(copy.map).toEqual({ a: 1 });
  });
});
