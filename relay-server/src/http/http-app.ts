import { AssayError } from '@assay/core/errors/assay-error.ts';
import { errorAnswer } from './answers.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from './exchange.ts';

/** Public data may be read, and requests handed in, by pages of any origin: nothing here depends on who asks. */
const CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, content-range, retry-after, location',
  'cross-origin-resource-policy': 'cross-origin',
};
const PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': 'content-type, range, if-none-match',
  'access-control-max-age': '86400',
};
/** The app itself is for its own origin only. */
const OWN_ORIGIN: Readonly<Record<string, string>> = { 'cross-origin-resource-policy': 'same-origin' };

/**
 * Answers requests by the first route that owns the path. Never rejects: whatever goes wrong becomes an answer, and `onFailure`
 * hears of what was our own fault.
 */
export function createHttpApp(options: {
  readonly routes: readonly HttpRoute[];
  readonly headers: Readonly<Record<string, string>>;
  readonly onFailure: (error: unknown, request: HttpRequest) => void;
}): (request: HttpRequest) => Promise<HttpAnswer> {
  return async (request) => {
    const route = options.routes.find(({ owns }) => owns(request.path));
    const shared = route === undefined || route.name === 'web' ? OWN_ORIGIN : CORS;
    const answer = await answerBy(route, request, options.onFailure);
    const headers = { ...options.headers, ...shared, ...lengthOf(answer), ...answer.headers };
    return request.method === 'HEAD' ? { status: answer.status, headers } : { ...answer, headers };
  };
}

function lengthOf({ body }: HttpAnswer): Readonly<Record<string, string>> {
  return body instanceof Uint8Array ? { 'content-length': String(body.length) } : {};
}

async function answerBy(
  route: HttpRoute | undefined,
  request: HttpRequest,
  onFailure: (error: unknown, request: HttpRequest) => void,
): Promise<HttpAnswer> {
  try {
    if (route === undefined) throw new AssayError('E_NOT_FOUND', { what: 'this address' });
    if (request.method === 'OPTIONS')
      return { status: 204, headers: { ...PREFLIGHT, allow: allowed(route) } };
    if (!route.methods.includes(request.method)) return methodAnswer(route, request.method);
    return await route.handle(request);
  } catch (error) {
    const answer = errorAnswer(error);
    if (answer.status === 500) onFailure(error, request);
    return answer;
  }
}

/** The answer to a method that the route does not take. */
function methodAnswer(route: HttpRoute, method: string): HttpAnswer {
  return errorAnswer(new AssayError('E_HTTP_METHOD', { method }), { allow: allowed(route) });
}

function allowed({ methods }: HttpRoute): string {
  return [...methods, 'OPTIONS'].join(', ');
}
