import { utf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';
import type { ErrorCode } from '@assay/core/errors/messages.ts';
import type { HttpAnswer } from './exchange.ts';

/** For what is named by its own hash, or never changes once it is there. */
export const IMMUTABLE = 'public, max-age=31536000, immutable';
/** For what must be asked for each time. */
export const NO_STORE = 'no-store';
/** For what may be kept, but must be asked about before it is used again. */
export const NO_CACHE = 'no-cache';

/** A JSON answer. */
export function jsonAnswer(
  value: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': NO_STORE, ...headers },
    body: utf8(`${JSON.stringify(value)}\n`),
  };
}

/**
 * The answer that tells of an error: `{"error": {code, fields, message}}` under a status that means what it says. What did not
 * come from us is `E_RELAY_INTERNAL` and tells nothing of its inside.
 */
export function errorAnswer(thrown: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  const error = isAssayError(thrown) ? thrown : new AssayError('E_RELAY_INTERNAL');
  const status = statusOf[error.code] ?? 503;
  const retry: Record<string, string> = status === 503 ? { 'retry-after': RETRY_SECONDS } : {};
  const body = { error: { ...toWire(error), message: error.message } };
  return jsonAnswer(body, { status, headers: { ...retry, ...headers } });
}

/** When to ask again for what cannot be had now. */
const RETRY_SECONDS = '5';

/** Whatever is not named here is a failure of those behind the relay: it cannot be had now, so 503. */
const statusOf: Partial<Record<ErrorCode, number>> = {
  E_HTTP_REQUEST: 400,
  E_REQUEST_NETWORK: 400,
  E_REQUEST_SIGNATURE: 400,
  E_PURL_SYNTAX: 400,
  E_PURL_TYPE: 400,
  E_PURL_NOT_CANONICAL: 400,
  E_PACKAGE_NAME: 400,
  E_PACKAGE_VERSION: 400,
  E_NOT_FOUND: 404,
  E_REQUEST_UNKNOWN: 404,
  E_HTTP_METHOD: 405,
  E_HTTP_BODY: 413,
  E_HTTP_RANGE: 416,
  E_HTTP_HOST: 421,
  E_HTTP_RATE: 429,
  E_REQUEST_RATE: 429,
  E_RELAY_INTERNAL: 500,
};
