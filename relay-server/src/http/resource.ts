import { AssayError } from '@assay/core/errors/assay-error.ts';
import { errorAnswer } from './answers.ts';
import { readRange } from './byte-range.ts';
import type { HttpAnswer, HttpBody, HttpRequest } from './exchange.ts';

/** Something that can be had whole or in ranges, and asked about by its tag. */
export interface Resource {
  readonly size: number;
  /** With its quotes; equal tags mean equal bytes. */
  readonly etag: string;
  readonly type: string;
  /** The `cache-control` header. */
  readonly cache: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes `[from, to)`. */
  read(from: number, to: number): HttpBody;
}

/** A resource in memory. */
export function bytesResource(bytes: Uint8Array, about: Omit<Resource, 'size' | 'read'>): Resource {
  return { ...about, size: bytes.length, read: (from, to) => bytes.subarray(from, to) };
}

/** Answers a GET or HEAD of a resource: 200, 206, 304 or 416 (RFC 9110 §13, §14). */
export function resourceAnswer(request: HttpRequest, resource: Resource): HttpAnswer {
  const { size, etag, type, cache } = resource;
  const about = { etag, 'cache-control': cache, 'accept-ranges': 'bytes', ...resource.headers };
  if (tagsMatch(request.headers['if-none-match'], etag)) return { status: 304, headers: about };
  const range = readRange(rangeHeader(request, etag), size);
  switch (range.kind) {
    case 'unsatisfiable':
      return errorAnswer(new AssayError('E_HTTP_RANGE', { size }), {
        'accept-ranges': 'bytes',
        'content-range': `bytes */${size}`,
      });
    case 'whole':
      return {
        status: 200,
        headers: { ...about, 'content-type': type, 'content-length': String(size) },
        body: resource.read(0, size),
      };
    case 'part': {
      const { from, to } = range;
      const headers = {
        ...about,
        'content-type': type,
        'content-length': String(to - from),
        'content-range': `bytes ${from}-${to - 1}/${size}`,
      };
      return { status: 206, headers, body: resource.read(from, to) };
    }
    default:
      return range satisfies never;
  }
}

/** `If-Range` with another tag asks for the whole resource, because the rest would not fit what the asker has. */
function rangeHeader({ headers }: HttpRequest, etag: string): string | undefined {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag ? headers['range'] : undefined;
}

/** Weak comparison, as `If-None-Match` asks for. */
function tagsMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
