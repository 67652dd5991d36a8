import { toBase32 } from '../encoding/base32.ts';
import { fromUtf8 } from '../encoding/bytes.ts';
import { AssayError, fromWire } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { MAX_LOOKUP_BYTES } from '../lookup/bundle.ts';
import { MAX_LOG_RESOURCE_BYTES, maxFrameBytes } from '../protocols.ts';
import { fetchBody, fetchChunks, type HttpPorts } from './http-chunks.ts';
import { isSettled, requestProgressFromJson, type RequestProgress } from './request-progress.ts';
import { readServerSentEvents } from './server-sent-events.ts';
import { encodeSignedRequest } from './signed-request.ts';
import type { LogSource, PackSource, RequestClient } from './sources.ts';

/** Longest error body that is looked at. */
const MAX_ERROR_BYTES = 4096;
/** Wait before an interrupted progress stream is opened again, and how often in a row without any progress. */
const RETRY_MS = 1000;
const MAX_RETRIES = 5;

/** Everything a relay offers over HTTP. */
export type HttpMirror = LogSource & PackSource & RequestClient;

/**
 * A mirror of log and packs, and a taker of requests, over HTTP:
 * `GET /checkpoint`, `GET /tile/…`, `GET /evidence/<hex>`, `GET /lookup/<purl>?have=<size>&from=<size>`, `GET /pack/<base32 root>` with `Range`, `POST /requests` with the CBOR of
 * a SignedRequest, `GET /requests/<id>` as `text/event-stream` of RequestProgress JSON. An error body is JSON `{"error": {code, fields}}`.
 */
export function createHttpMirror(options: { baseUrl: string } & HttpPorts): HttpMirror {
  const base = options.baseUrl.replace(/\/$/, '');
  const resource = (path: string, signal?: AbortSignal, cache: RequestCache = 'default') =>
    fetchBody(
      options,
      `${base}/${path}`,
      { cache },
      MAX_LOG_RESOURCE_BYTES,
      (response) => expectStatus(response, [200], path),
      signal,
    );

  return {
    kind: 'mirror',
    id: base,
    label: new URL(base).host,
    transport: 'http',
    checkpoint: (signal) => resource('checkpoint', signal, 'no-store'),
    read: (path, signal) => resource(path, signal),
    lookup: (purl, { have, from }, signal) => {
      const known = [
        have === undefined ? [] : `have=${have}`,
        from === undefined ? [] : `from=${from}`,
      ].flat();
      const query = known.length === 0 ? '' : `?${known.join('&')}`;
      return fetchBody(
        options,
        `${base}/lookup/${encodeURIComponent(purl)}${query}`,
        { cache: 'no-cache' },
        MAX_LOOKUP_BYTES,
        (response) => expectStatus(response, [200], 'this lookup'),
        signal,
      );
    },

    async *readPack(root, { from, to }, signal) {
      const range = `bytes=${from}-${to === undefined ? '' : to - 1}`;
      let skip = 0;
      let left = to === undefined ? Infinity : to - from;
      const body = fetchChunks(
        options,
        `${base}/pack/${toBase32(root)}`,
        { headers: { range } },
        async (response) => {
          await expectStatus(response, [200, 206], 'this pack');
          skip = response.status === 200 ? from : 0;
          if (response.status === 206) expectRange(response, from);
        },
        signal,
      );
      for await (const chunk of body) {
        const piece = chunk.subarray(Math.min(skip, chunk.length)).subarray(0, left);
        skip -= Math.min(skip, chunk.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
        if (left === 0) return;
      }
    },

    async submit(request, signal) {
      const body = await fetchBody(
        options,
        `${base}/requests`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/cbor' },
          body: encodeSignedRequest(request) as Uint8Array<ArrayBuffer>,
        },
        maxFrameBytes.request,
        (response) => expectStatus(response, [200, 201, 202], 'the request'),
        signal,
      );
      return unwrap(requestProgressFromJson(unwrap(fromUtf8(body))));
    },

    async *follow(id, signal) {
      for (let failures = 0; ; failures++) {
        try {
          for await (const progress of followOnce(options, `${base}/requests/${id}`, signal)) {
            failures = 0;
            yield progress;
            if (isSettled(progress)) return;
          }
        } catch (error) {
          const interrupted = error instanceof AssayError && error.code === 'E_STREAM_CLOSED';
          if (!interrupted || failures >= MAX_RETRIES) throw error;
        }
        if (failures >= MAX_RETRIES) throw new AssayError('E_STREAM_CLOSED');
        await options.clock.sleep(RETRY_MS, signal);
      }
    },
  };
}

async function* followOnce(
  ports: HttpPorts,
  url: string,
  signal?: AbortSignal,
): AsyncGenerator<RequestProgress> {
  const body = fetchChunks(
    ports,
    url,
    { headers: { accept: 'text/event-stream' }, cache: 'no-store' },
    (response) => expectStatus(response, [200], 'this request'),
    signal,
  );
  for await (const json of readServerSentEvents(body)) yield unwrap(requestProgressFromJson(json));
}

/** Throws unless the status is expected: the coded error of the body where there is one. */
async function expectStatus(response: Response, expected: readonly number[], what: string): Promise<void> {
  if (expected.includes(response.status)) return;
  const coded = await codedError(response);
  if (coded !== undefined) throw coded;
  if (response.status === 404) throw new AssayError('E_NOT_FOUND', { what });
  throw new AssayError('E_HTTP_STATUS', { status: response.status });
}

async function codedError(response: Response): Promise<AssayError | undefined> {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const length = Number(response.headers.get('content-length') ?? Infinity);
  if (!isJson || !(length <= MAX_ERROR_BYTES)) return undefined;
  try {
    const body = (await response.json()) as { error?: unknown };
    if (typeof body.error !== 'object' || body.error === null) return undefined;
    const error = fromWire(body.error);
    return error.code === 'E_UNKNOWN' ? undefined : error;
  } catch {
    return undefined;
  }
}

function expectRange(response: Response, from: number): void {
  const start = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (Number(start) !== from)
    throw new AssayError('E_PROTOCOL', { reason: 'another range than the one asked for' });
}
