import { createHash } from 'node:crypto';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import { parseTilePath, TILE_WIDTH } from '@assay/core/log/tile.ts';
import { IMMUTABLE, NO_CACHE, NO_STORE } from './answers.ts';
import type { HttpRoute } from './exchange.ts';
import { bytesResource, resourceAnswer } from './resource.ts';

const EVIDENCE = /^evidence\/[0-9a-f]{64}$/;
const HANDOFF = /^handoff\/[1-9]\d{0,9}$/;

/**
 * The log as C2SP tlog-tiles files, and what is kept beside it: `/checkpoint`, `/tile/…`, evidence bundles `/evidence/<sha256 hex>`, links
 * from one set of authorities to the next `/handoff/<epoch>`.
 */
export function logRoute(log: Pick<LogStore, 'read'>): HttpRoute {
  return {
    name: 'log',
    methods: ['GET', 'HEAD'],
    owns: (path) => path === '/checkpoint' || /^\/(?:tile|evidence|handoff)(?:\/|$)/.test(path),
    async handle(request) {
      const path = request.path.slice(1);
      const kind = kindOf(path);
      const bytes = kind === undefined ? undefined : await log.read(path);
      if (kind === undefined || bytes === undefined) {
        throw new AssayError('E_NOT_FOUND', { what: path.slice(0, MAX_SHOWN_PATH) });
      }
      const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
      return resourceAnswer(request, bytesResource(bytes, { etag, ...kind }));
    },
  };
}

/** Longer paths are none of ours. */
const MAX_SHOWN_PATH = 128;

function kindOf(path: string): { type: string; cache: string } | undefined {
  if (path === 'checkpoint') return { type: 'text/plain; charset=utf-8', cache: NO_STORE };
  if (EVIDENCE.test(path) || HANDOFF.test(path)) return { type: 'application/cbor', cache: IMMUTABLE };
  const tile = parseTilePath(path);
  if (!tile.ok) return undefined;
  // A partial tile is deleted some time after the full one is there, so nobody should count on it.
  return { type: 'application/octet-stream', cache: tile.value.width === TILE_WIDTH ? IMMUTABLE : NO_CACHE };
}
