import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.fixture.ts';
import { collect } from '../collect.fixture.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import type { Fetch } from './http-chunks.ts';
import { createHttpMirror, type HttpMirror } from './http-mirror.ts';

const root = new Uint8Array(32).fill(1);
const pack = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);

const mirror = (fetch: Fetch, timeoutMs = 1000): HttpMirror =>
  createHttpMirror({ baseUrl: 'http://127.0.0.1:1/', fetch, clock: realClock, timeoutMs });
const answer = (body: BodyInit | null, init?: ResponseInit) => () =>
  Promise.resolve(new Response(body, init));
const body = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;

/** A server that honours ranges. */
const ranged: Fetch = (_url, init) => {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(new Headers(init?.headers).get('range') ?? '') ?? [];
  const end = to === '' ? pack.length : Math.min(Number(to) + 1, pack.length);
  return Promise.resolve(
    new Response(body(pack.slice(Number(from), end)), {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${end - 1}/${pack.length}` },
    }),
  );
};

async function read(source: HttpMirror, from: number, to?: number): Promise<Uint8Array> {
  const range = to === undefined ? { from } : { from, to };
  return concatBytes(...(await collect(source.readPack(root, range))));
}

describe('createHttpMirror', () => {
  it('reads log resources under the base URL and never takes a checkpoint from a cache', async () => {
    const asked: [string, RequestCache | undefined][] = [];
    const source = mirror((url, init) => {
      asked.push([url, init?.cache]);
      return Promise.resolve(new Response('note'));
    });
    expect(await source.checkpoint()).toEqual(utf8('note'));
    await source.read('tile/0/000');
    expect(asked).toEqual([
      ['http://127.0.0.1:1/checkpoint', 'no-store'],
      ['http://127.0.0.1:1/tile/0/000', 'default'],
    ]);
  });

  it('tells what is missing, what fails and who cannot be reached apart', async () => {
    await expect(mirror(answer('', { status: 404 })).checkpoint()).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    });
    await expect(mirror(answer('', { status: 500 })).checkpoint()).rejects.toMatchObject({
      code: 'E_HTTP_STATUS',
      fields: { status: 500 },
    });
    const down = mirror(() => Promise.reject(new TypeError('fetch failed')));
    await expect(down.checkpoint()).rejects.toMatchObject({ code: 'E_UNREACHABLE' });
    const silent = mirror(() => new Promise(() => undefined), 30);
    await expect(silent.checkpoint()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  });

  it('times out on a body that stops, and stops when told to', async () => {
    const stuck = (): Promise<Response> =>
      Promise.resolve(new Response(new ReadableStream({ start: (c) => c.enqueue(utf8('x')) })));
    await expect(mirror(stuck, 30).checkpoint()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    await expect(mirror(stuck).checkpoint(AbortSignal.timeout(20))).rejects.toMatchObject({
      code: 'E_ABORTED',
    });
  });

  it('times out on a refusal whose reason never comes', async () => {
    const stuck = (): Promise<Response> =>
      Promise.resolve(
        new Response(new ReadableStream(), {
          status: 500,
          headers: { 'content-type': 'application/json', 'content-length': '9' },
        }),
      );
    await expect(mirror(stuck, 30).checkpoint()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  });

  it('gives up a body that only trickles, and takes one in tiny pieces that comes fast', async () => {
    const pieces = (count: number, pauseMs: number) => (): Promise<Response> => {
      let left = count;
      const pull = async (c: ReadableStreamDefaultController): Promise<void> => {
        if (pauseMs > 0) await realClock.sleep(pauseMs);
        if (left-- > 0) c.enqueue(utf8('x'));
        else c.close();
      };
      return Promise.resolve(new Response(new ReadableStream({ pull })));
    };
    await expect(mirror(pieces(1000, 5), 40).checkpoint()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(await mirror(pieces(10_000, 0), 60_000).checkpoint()).toHaveLength(10_000);
  });

  it('stops reading a body without end', async () => {
    const endless = (): Promise<Response> =>
      Promise.resolve(
        new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(4_000_000)) })),
      );
    await expect(mirror(endless).checkpoint()).rejects.toMatchObject({ code: 'E_RESPONSE_TOO_LARGE' });
  });

  it('reads ranges of a pack, also from a server that ignores them', async () => {
    const whole = answer(body(pack), { status: 200 });
    for (const source of [mirror(ranged), mirror(whole)]) {
      expect(await read(source, 100, 3000)).toEqual(pack.slice(100, 3000));
      expect(await read(source, 9000)).toEqual(pack.slice(9000));
    }
  });

  it('takes no more bytes than asked for and no other range', async () => {
    const generous = answer(body(pack), { status: 206, headers: { 'content-range': 'bytes 0-9999/10000' } });
    expect(await read(mirror(generous), 0, 10)).toHaveLength(10);
    await expect(read(mirror(generous), 5, 10)).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });

  it('hands a request in and repeats the coded refusal of the server', async () => {
    const progress = { id: 'ab', purl: 'p', state: 'queued', authorities: [], needed: 3, agreed: 0 };
    const request = {
      v: 1 as const,
      networkId: root,
      purl: 'pkg:npm/clsx',
      at: 1,
      requester: root,
      signature: new Uint8Array(64),
    };
    const json = { 'content-type': 'application/json' };
    const taken = mirror(answer(JSON.stringify(progress), { status: 202, headers: json }));
    expect(await taken.submit(request)).toEqual(progress);
    const error = JSON.stringify({ error: { code: 'E_REQUEST_SIGNATURE', fields: {} } });
    const refusing = mirror(
      answer(error, { status: 400, headers: { ...json, 'content-length': String(error.length) } }),
    );
    await expect(refusing.submit(request)).rejects.toMatchObject({ code: 'E_REQUEST_SIGNATURE' });
  });

  it('follows progress through an interrupted stream to the end', async () => {
    const progress = (state: string): string =>
      `event: progress\ndata: ${JSON.stringify({ id: 'ab', purl: 'p', state, authorities: [], needed: 3, agreed: 0 })}\n\n`;
    const bodies = [`:hello\n\n${progress('queued')}${progress('fetching')}`, progress('in-log')];
    const source = mirror(() => Promise.resolve(new Response(bodies.shift())));
    const states = await collect(source.follow('ab'));
    expect(states.map(({ state }) => state)).toEqual(['queued', 'fetching', 'in-log']);
  });
});
