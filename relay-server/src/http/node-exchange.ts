import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { HttpAnswer } from './exchange.ts';

/** The body of a request; throws `E_HTTP_BODY` as soon as it is known to be longer than `limit` bytes. */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Uint8Array> {
  const tooLong = new AssayError('E_HTTP_BODY', { limit });
  if (Number(incoming.headers['content-length'] ?? 0) > limit) throw tooLong;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > limit) throw tooLong;
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}

/**
 * Sends an answer as fast as the client takes it. A body that fails on the way ends the connection, so that nobody takes a part
 * for the whole. Never rejects.
 */
export async function sendAnswer(outgoing: ServerResponse, answer: HttpAnswer): Promise<void> {
  const { body } = answer;
  try {
    if (outgoing.destroyed) return;
    // The rest of a body that nobody wants is not waited for.
    if (hasUnreadBody(outgoing.req)) outgoing.setHeader('connection', 'close');
    outgoing.writeHead(answer.status, answer.headers);
    if (body instanceof Uint8Array) outgoing.end(body);
    else if (body === undefined) outgoing.end();
    else await sendChunks(outgoing, body);
  } catch {
    outgoing.destroy();
  } finally {
    if (body !== undefined && !(body instanceof Uint8Array)) await endIteration(body);
  }
}

async function sendChunks(outgoing: ServerResponse, body: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  for await (const chunk of body) {
    if (outgoing.destroyed) return;
    if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal: gone.signal });
  }
  outgoing.end();
}

/** Lets a body that was not read to its end go of what it holds. */
async function endIteration(body: AsyncIterable<Uint8Array>): Promise<void> {
  await body[Symbol.asyncIterator]()
    .return?.()
    .catch(() => undefined);
}

function hasUnreadBody({ headers, complete }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody && !complete;
}
