import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import type { RequestDesk } from '@assay/core/net/request-protocol.ts';
import { decodeSignedRequest, MAX_REQUEST_BYTES } from '@assay/core/net/signed-request.ts';
import { jsonAnswer } from './answers.ts';
import { eventStreamAnswer, wantsEventStream, type StreamCounter } from './event-stream.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from './exchange.ts';

const REQUEST_ID = /^\/requests\/([0-9a-f]{1,64})$/;

/**
 * Requests for packages: `POST /requests` with the CBOR of a SignedRequest, `GET /requests/<id>` for its progress, as JSON or,
 * where asked for, as server-sent events. The relay passes on; authorities decide.
 */
export function requestRoutes(
  desk: RequestDesk,
  options: { readonly counter: StreamCounter; readonly clock: Clock },
): readonly HttpRoute[] {
  return [
    {
      name: 'requests',
      methods: ['POST'],
      owns: (path) => path === '/requests',
      handle: (request) => submit(request, desk),
    },
    {
      name: 'request',
      methods: ['GET', 'HEAD'],
      owns: (path) => path.startsWith('/requests/'),
      async handle(request) {
        const id = REQUEST_ID.exec(request.path)?.[1];
        if (id === undefined) throw new AssayError('E_NOT_FOUND', { what: 'this request' });
        return await follow(request, desk.follow(id, request.signal), options);
      },
    },
  ];
}

async function submit(request: HttpRequest, desk: RequestDesk): Promise<HttpAnswer> {
  if (request.headers['content-type'] !== 'application/cbor') {
    throw new AssayError('E_HTTP_REQUEST', { reason: 'its content type is not application/cbor' });
  }
  const body = await request.body(MAX_REQUEST_BYTES);
  const decoded = decodeSignedRequest(body);
  if (!decoded.ok) throw new AssayError('E_HTTP_REQUEST', { reason: decoded.error.message });
  const progress = await desk.submit(body, request.client);
  return jsonAnswer(progress, { status: 202, headers: { location: `/requests/${progress.id}` } });
}

/** Answers after the first progress, so that what is unknown is a 404 and not a stream that breaks off. */
async function follow(
  request: HttpRequest,
  all: AsyncIterable<RequestProgress>,
  options: { readonly counter: StreamCounter; readonly clock: Clock },
): Promise<HttpAnswer> {
  const iterator = all[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) throw new AssayError('E_NOT_FOUND', { what: 'this request' });
  if (wantsEventStream(request)) {
    return eventStreamAnswer(request, startingWith(first.value, iterator), options);
  }
  void iterator.return?.();
  return jsonAnswer(first.value);
}

async function* startingWith<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    yield first;
    for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
  } finally {
    void rest.return?.();
  }
}
