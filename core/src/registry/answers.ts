import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { messages } from '../errors/messages.ts';
import type { VerifiedPackages } from './types.ts';

/** Seconds after which a client may ask again for what cannot be had now. */
const RETRY_AFTER_SECONDS = 5;

/** Headers of every answer: who gave it, and on which view of the log it rests. */
export function viewHeaders(handler: string, packages: VerifiedPackages): Record<string, string> {
  const view = packages.freshness();
  return {
    'x-assay-handler': handler,
    'x-content-type-options': 'nosniff',
    ...(view && {
      'x-assay-log-size': String(view.size),
      'x-assay-as-of': new Date(view.freshAsOf * 1000).toISOString(),
    }),
  };
}

/** A JSON answer; without its body for HEAD. */
export function jsonAnswer(request: Request, body: unknown, headers: Record<string, string>): Response {
  const json = JSON.stringify(body);
  return new Response(request.method === 'HEAD' ? null : json, {
    headers: { ...headers, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
  });
}

/**
 * An error as package clients can show it: `error` is printed by npm. 404 when the log or the verified package proves the absence, 502 when
 * bytes did not hold or are no package, 503 with Retry-After when something cannot be had now.
 */
export function errorAnswer(request: Request, cause: unknown, headers: Record<string, string>): Response {
  const error = isAssayError(cause)
    ? cause
    : new AssayError('E_REGISTRY_UNAVAILABLE', {
        name: new URL(request.url).pathname,
        reason: String(cause),
      });
  const status = statusOf(error);
  const { means, remedy } = messages[error.code];
  const body = { error: error.message, code: error.code, reason: `${means} ${remedy}` };
  return new Response(request.method === 'HEAD' ? null : JSON.stringify(body), {
    status,
    headers: {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      ...(status === 405 && { allow: 'GET, HEAD' }),
    },
  });
}

function statusOf(error: AssayError): number {
  switch (error.code) {
    case 'E_REGISTRY_NOT_IN_LOG':
    case 'E_REGISTRY_NO_FILE':
    case 'E_REGISTRY_ROUTE':
      return 404;
    case 'E_PACKAGE_NAME':
    case 'E_PACKAGE_VERSION':
      return 400;
    case 'E_REGISTRY_METHOD':
      return 405;
    case 'E_NOT_VERIFIED':
      return error.fields['verdict'] === 'mismatch' ? 502 : 503;
    default:
      return NO_PACKAGE.test(error.code) ? 502 : 503;
  }
}

/** What the inside of a verified artifact is refused with. It will be no npm package the next time either. */
const NO_PACKAGE = /^E_(?:GZIP|TAR|NPM|UTF8|JSON)/;

/** Bytes in memory: whole, one range of them (206, 416), or nothing new (304). */
export function bytesAnswer(
  request: Request,
  bytes: Uint8Array,
  etag: string,
  headers: Record<string, string>,
): Response {
  const common = { ...headers, etag, 'accept-ranges': 'bytes' };
  if (request.headers.get('if-none-match')?.includes(etag) === true) {
    return new Response(null, { status: 304, headers: common });
  }
  const range = rangeOf(request, bytes.length, etag);
  if (range === 'outside') {
    return new Response(null, {
      status: 416,
      headers: { ...common, 'content-range': `bytes */${bytes.length}` },
    });
  }
  const part = range === undefined ? bytes : bytes.subarray(range.from, range.to + 1);
  return new Response(request.method === 'HEAD' ? null : (part as Uint8Array<ArrayBuffer>), {
    status: range === undefined ? 200 : 206,
    headers: {
      ...common,
      'content-length': String(part.length),
      ...(range && { 'content-range': `bytes ${range.from}-${range.to}/${bytes.length}` }),
    },
  });
}

/** The one range asked for. Several ranges, other units and ranges of another version are ignored, as RFC 9110 allows. */
function rangeOf(
  request: Request,
  length: number,
  etag: string,
): { from: number; to: number } | 'outside' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? [];
  const condition = request.headers.get('if-range');
  if ((first === '' && last === '') || (condition !== null && condition !== etag)) return undefined;
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first);
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1);
  return from < length && from <= to ? { from, to } : 'outside';
}

/** Verified chunks as the body of a response. A failure on the way cuts the connection, so that no client takes a part for the whole. */
export function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
