import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';

/** What answers one route: a value for JSON, or a text. Throws AssayErrors. */
export type AdminRoute = (body: string) => Promise<unknown> | unknown;

/** Routes as `GET /status`. */
export type AdminRoutes = Readonly<Record<string, AdminRoute>>;

/** Largest request: candidate files of the largest change. */
const MAX_BODY_BYTES = 256 * 1024;
/** A socket's address is kept in 108 bytes by the system, with a zero at the end. */
const MAX_PATH_BYTES = 107;
/** Nobody but the owner of the process may connect. */
const OWNER_ONLY = 0o177;
const HTTP_STATUS = { refused: 400, unknown: 404, failed: 500 } as const;

/** A running admin server. */
export interface AdminServer {
  stop(): Promise<void>;
}

/**
 * Answers the operator over HTTP on a Unix socket that only the owner of this process may open: that is the key to it. What another
 * run left at the path is removed; the data folder's lock makes sure that it is not in use. Rejects with `E_ADMIN_SOCKET`.
 */
export async function startAdminServer(path: string, routes: AdminRoutes): Promise<AdminServer> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new AssayError('E_ADMIN_SOCKET', {
      path,
      reason: `its path is longer than ${MAX_PATH_BYTES} bytes`,
    });
  }
  await rm(path, { force: true });
  const server = createServer((request, response) => void answer(request, response, routes));
  await listen(server, path);
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (cause) =>
      reject(new AssayError('E_ADMIN_SOCKET', { path, reason: cause.message }, cause)),
    );
    // The socket is made before `listen` returns, so that it never has another mode.
    const mask = process.umask(OWNER_ONLY);
    server.listen(path);
    process.umask(mask);
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: AdminRoutes,
): Promise<void> {
  try {
    const route = Object.hasOwn(routes, `${request.method} ${request.url}`)
      ? routes[`${request.method} ${request.url}`]
      : undefined;
    if (route === undefined) return send(response, HTTP_STATUS.unknown, { error: { code: 'E_USAGE' } });
    send(response, 200, await route(await bodyOf(request)));
  } catch (error) {
    const status = isAssayError(error) ? HTTP_STATUS.refused : HTTP_STATUS.failed;
    const coded = isAssayError(error) ? error : new AssayError('E_UNKNOWN', { code: String(error) }, error);
    send(response, status, { error: toWire(coded) });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AssayError('E_RESPONSE_TOO_LARGE', { limit: MAX_BODY_BYTES });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(value ?? {})}\n`);
}
