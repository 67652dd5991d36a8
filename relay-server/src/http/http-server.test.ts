import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { eventStreamAnswer, StreamCounter } from './event-stream.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { startHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { LatestValue } from './latest-value.ts';

const clock = createClock(globalThis);
const hello: HttpAnswer = { status: 200, headers: { 'content-length': '5' }, body: utf8('hello') };

const servers: HttpServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.stop(0)));
});

async function start(
  app: (request: HttpRequest) => HttpAnswer,
  changes: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    names: [],
    headers: { 'x-content-type-options': 'nosniff' },
    app: (request) => Promise.resolve(app(request)),
    elapsed: () => clock.elapsed(),
    ...changes,
  });
  servers.push(server);
  return server;
}

/** A connection and what came over it; `closed` resolves with all of it. */
async function open({ port }: HttpServer) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.once('close', () => resolve(received)));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, closed, received: () => received };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
const answers = async (server: HttpServer): Promise<boolean> => {
  const { socket, closed } = await open(server);
  socket.end(get('/'));
  return (await closed).endsWith('hello');
};

describe('garbage on the HTTP port', () => {
  it.each([
    ['one byte', 'x'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['NULs', '\0'.repeat(4096)],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a whole URL as target',
      'GET http://127.0.0.1/ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n',
    ],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n'],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['long headers', `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`],
    ['a long path', `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`],
  ])('is refused and does no harm: %s', async (_name, text) => {
    const server = await start(() => hello);
    const { socket, closed } = await open(server);
    socket.end(Buffer.from(text, 'latin1'));
    expect(await closed).not.toContain('hello');
    expect(await answers(server)).toBe(true);
  });
});

describe('patience', () => {
  const timeouts = { headers: 300, request: 600, idle: 900, keepAlive: 200 };

  it('ends with headers that dribble in', async () => {
    const server = await start(() => hello, { timeouts });
    const { socket, closed } = await open(server);
    socket.write('GET / HTTP/1.1\r\n');
    const dribble = setInterval(() => socket.write('x: y\r\n'), 50);
    expect(await closed).toContain('408');
    clearInterval(dribble);
  });

  it('ends with a body that never comes', async () => {
    const bodies: Promise<unknown>[] = [];
    const server = await start(
      (request) => {
        bodies.push(request.body(100).catch((error: unknown) => error));
        return {
          status: 200,
          headers: {},
          body: (async function* wait() {
            await bodies[0];
            yield utf8('done');
          })(),
        };
      },
      { timeouts },
    );
    const { socket, closed } = await open(server);
    socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 50\r\n\r\nabc');
    await closed;
    expect(await bodies[0]).toBeInstanceOf(Error);
  });

  it('ends with a connection that asks nothing', async () => {
    const server = await start(() => hello, { timeouts });
    const silent = await open(server);
    const done = await open(server);
    done.socket.write(get('/'));
    await Promise.all([silent.closed, done.closed]);
    expect(done.received()).toContain('hello');
  });
});

describe('answers', () => {
  it('are made no faster than they are taken', async () => {
    let made = 0;
    const server = await start(() => ({
      status: 200,
      headers: {},
      body: (async function* endless() {
        for (;;) {
          made += 64 * 1024;
          yield new Uint8Array(64 * 1024);
          await clock.sleep(0);
        }
      })(),
    }));
    const { socket } = await open(server);
    socket.pause();
    socket.write(get('/'));
    await clock.sleep(300);
    const filled = made;
    await clock.sleep(300);
    expect(made).toBe(filled);
    expect(made).toBeLessThan(32 * 1024 * 1024);
  });

  it('are not made on when the client has gone', async () => {
    let ended = false;
    const server = await start(() => ({
      status: 200,
      headers: {},
      body: (async function* endless() {
        try {
          for (;;) {
            yield new Uint8Array(1024);
            await clock.sleep(1);
          }
        } finally {
          ended = true;
        }
      })(),
    }));
    const { socket, closed } = await open(server);
    socket.write(get('/'));
    await clock.sleep(50);
    socket.destroy();
    await closed;
    await clock.sleep(100);
    expect(ended).toBe(true);
  });

  it('break off, and do not end well, when their source fails', async () => {
    const server = await start(() => ({
      status: 200,
      headers: {},
      body: (async function* failing() {
        yield utf8('half');
        await clock.sleep(10);
        throw new Error('The disk is gone');
      })(),
    }));
    await expect(fetch(`http://127.0.0.1:${server.port}/`).then((answer) => answer.text())).rejects.toThrow();
  });
});

describe('limits', () => {
  it('tell those who ask too much when to come back', async () => {
    const server = await start(() => hello, { elapsed: () => 0 });
    const statuses = new Map<number, number>();
    const { socket, received } = await open(server);
    for (let sent = 0; sent < 20_001; sent++) socket.write(get('/'));
    while (received().split('HTTP/1.1 ').length < 20_002 && !received().includes('HTTP/1.1 429'))
      await clock.sleep(20);
    for (const [, status] of received().matchAll(/HTTP\/1\.1 (\d+)/g)) {
      statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
    }
    expect(statuses.get(200)).toBe(20_000);
    expect(statuses.get(429)).toBe(1);
    expect(received()).toContain('E_HTTP_RATE');
  });

  it('hold for event streams, which are counted down when they end', async () => {
    const counter = new StreamCounter();
    const request = (client: string, signal: AbortSignal): HttpRequest => ({
      method: 'GET',
      path: '/events',
      query: '',
      headers: {},
      base: '',
      client,
      signal,
      body: () => Promise.resolve(new Uint8Array(0)),
    });
    const values = new LatestValue<number>();
    const gone = new AbortController();
    const openStream = (client: string): HttpAnswer =>
      eventStreamAnswer(request(client, gone.signal), values.follow(gone.signal), { counter, clock });
    for (let i = 0; i < 32; i++) openStream('10.0.0.1');
    expect(() => openStream('10.0.0.1')).toThrow(expect.objectContaining({ code: 'E_HTTP_STREAMS' }));
    for (let i = 0; i < 100; i++) openStream('127.0.0.1');
    expect(counter.total).toBe(132);
    gone.abort();
    expect(counter.total).toBe(0);
  });
});
