import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { addressGroup, isLoopback } from '../limits/ip-address.ts';
import { TokenBuckets, type BucketLimits } from '../limits/token-buckets.ts';
import { errorAnswer } from './answers.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { checkHost } from './host-check.ts';
import { readBody, sendAnswer } from './node-exchange.ts';

/** How long an HTTP connection may take for what, in milliseconds. */
export interface HttpTimeouts {
  /** Headers that take longer come from nobody who means well (slowloris). */
  readonly headers: number;
  /** The same for a whole request with its body. */
  readonly request: number;
  /** A connection without traffic for this long is closed; event streams send something every 15 s. */
  readonly idle: number;
  /** Between two requests on one connection. */
  readonly keepAlive: number;
}

const DEFAULT_TIMEOUTS: HttpTimeouts = { headers: 10_000, request: 30_000, idle: 60_000, keepAlive: 30_000 };
/** How often connections are held against the first two. */
const CHECK_INTERVAL_MS = 1_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 4_000;

/** A page loads some fifty files and then asks for a few hundred tiles or ranges. */
const LIMITS: BucketLimits = { burst: 1_000, perSecond: 200 };
/** On the machine itself there is nobody to share with; the limit only stops a loop gone wild. */
const LOOPBACK_LIMITS: BucketLimits = { burst: 20_000, perSecond: 10_000 };

const MAX_SHOWN_HOST = 100;
const METHODS: readonly HttpRequest['method'][] = ['GET', 'HEAD', 'POST', 'OPTIONS'];

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** Names besides the local ones that a `Host` header may carry, in lower case. */
  readonly names: readonly string[];
  /** Headers on answers that no route makes. */
  readonly headers: Readonly<Record<string, string>>;
  readonly app: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly elapsed: () => number;
  readonly timeouts?: HttpTimeouts;
}

/** A running HTTP server. */
export interface HttpServer {
  readonly port: number;
  /** Takes no more connections, ends idle ones at once and the others after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts listening. Rejects with the system's error when the port cannot be had. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const buckets = new TokenBuckets(options.elapsed);
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.keepAlive,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (incoming, outgoing) => void answer(incoming, outgoing, options, buckets),
  );
  server.timeout = timeouts.idle;
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuse(socket, error.code));
  server.on('upgrade', (_request, socket: Socket) => refuse(socket));
  await listen(server, options.host, options.port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stop: (graceMs) => stop(server, graceMs),
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: HttpServerOptions,
  buckets: TokenBuckets,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort(new AssayError('E_STREAM_CLOSED')));
  try {
    const request = readRequest(incoming, options, buckets, gone.signal);
    await sendAnswer(outgoing, await options.app(request));
  } catch (error) {
    const { status, headers, body } = errorAnswer(error);
    await sendAnswer(outgoing, {
      status,
      headers: { ...options.headers, ...headers },
      ...(body && { body }),
    });
  }
}

/** Throws the AssayError of a request that is not to be answered by any route. */
function readRequest(
  incoming: IncomingMessage,
  { names }: HttpServerOptions,
  buckets: TokenBuckets,
  signal: AbortSignal,
): HttpRequest {
  const remote = incoming.socket.remoteAddress ?? '';
  const client = isLoopback(remote) ? '127.0.0.1' : addressGroup(remote);
  const wait = buckets.take(client, isLoopback(remote) ? LOOPBACK_LIMITS : LIMITS);
  if (wait > 0) throw new AssayError('E_HTTP_RATE', { seconds: Math.ceil(wait / 1000) });
  const [named, ...others] = incoming.headersDistinct['host'] ?? [];
  const host = others.length === 0 ? checkHost(named, names) : undefined;
  if (host === undefined)
    throw new AssayError('E_HTTP_HOST', { host: named?.slice(0, MAX_SHOWN_HOST) ?? 'none' });
  const method = METHODS.find((known) => known === incoming.method);
  if (method === undefined) throw new AssayError('E_HTTP_METHOD', { method: incoming.method ?? 'none' });
  const { path, query } = readTarget(incoming.url ?? '');
  return {
    method,
    path,
    query,
    headers: plainHeaders(incoming),
    base: `http://${host}`,
    client,
    signal,
    body: (limit) => readBody(incoming, limit),
  };
}

function readTarget(target: string): { path: string; query: string } {
  const [, raw = '', query = ''] = /^(\/[^?#]*)(?:\?([^#]*))?$/.exec(target) ?? [];
  if (raw === '') throw new AssayError('E_HTTP_REQUEST', { reason: 'its target is no path' });
  try {
    return { path: decodeURIComponent(raw), query };
  } catch {
    throw new AssayError('E_HTTP_REQUEST', { reason: 'its path is not valid UTF-8' });
  }
}

function plainHeaders({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Ends a connection whose bytes are no request that can be answered. */
function refuse(socket: Socket, code?: string): void {
  const status = (code && refusals[code]) ?? '400 Bad Request';
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  if (socket.writable) socket.end(head);
  else socket.destroy();
}

const refusals: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(timer);
}
