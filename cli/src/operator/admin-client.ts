import { request } from 'node:http';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AssayError, fromWire, type WireError } from '@assay/core/errors/assay-error.ts';

const SOCKET = 'admin.sock';
const TIMEOUT_MS = 15_000;

/** Asks the authority that runs in `folder` over its Unix socket. Rejects with its error, or `E_ADMIN_UNREACHABLE`. */
export async function askAuthority<T>(
  folder: string,
  method: 'GET' | 'POST',
  route: string,
  body?: unknown,
): Promise<T> {
  const socketPath = join(resolve(folder), SOCKET);
  const unreachable = (reason: string, cause?: unknown) =>
    new AssayError('E_ADMIN_UNREACHABLE', { folder, reason }, cause);
  if (!existsSync(socketPath)) throw unreachable('its socket is not there');
  const answer = await new Promise<string>((fulfil, reject) => {
    const asking = request({ socketPath, method, path: route, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => fulfil(Buffer.concat(chunks).toString('utf8')));
      response.on('error', reject);
    });
    asking.on('timeout', () => asking.destroy(new Error('it does not answer')));
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  }).catch((cause: Error) => {
    throw unreachable(cause.message, cause);
  });
  const value = JSON.parse(answer) as T | { readonly error: WireError };
  if (typeof value === 'object' && value !== null && 'error' in value) throw fromWire(value.error);
  return value as T;
}
