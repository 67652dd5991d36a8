import type { Clock } from '@assay/core/clock.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
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
        const progress = desk.follow(id);
        if (wantsEventStream(request)) return eventStreamAnswer(request, progress, options);
        for await (const now of progress) return jsonAnswer(now);
        throw new AssayError('E_NOT_FOUND', { what: 'this request' });
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
