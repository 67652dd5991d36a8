import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { isSystemError } from '../system-error.ts';
import { IMMUTABLE, NO_CACHE, errorAnswer } from './answers.ts';
import type { HttpRequest, HttpRoute } from './exchange.ts';
import { bytesResource, resourceAnswer, type Resource } from './resource.ts';

/** Content types by file name extension. A file of any other kind is not part of the app and not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** Names that hold no `..`, no leading dot and nothing that a file system might read in its own way. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/;

/** Files whose names carry a hash of their content. */
const HASHED = /^\/assets\//;

/** Addresses that are never pages of the app, even when somebody navigates to them. */
const NEVER_PAGES = /^\/(?:assets|tile|pack|evidence|uri-res|registry|npm|events|requests)(?:\/|$)/;

interface CachedFile {
  readonly modified: number;
  readonly resource: Resource;
}

/**
 * The built web app out of a folder. Addresses of pages are answered with `index.html`, yet only to navigations: a missing
 * file is a real 404. Owns every path that no route before it does.
 */
export function webRoute(folder: string | undefined): HttpRoute {
  const cache = new Map<string, CachedFile>();
  const find = async (path: string): Promise<Resource | undefined> => {
    const type = TYPES[extname(path)];
    if (folder === undefined || type === undefined || !PLAIN_PATH.test(path)) return undefined;
    return await readAppFile(join(folder, path), path, type, cache);
  };
  return {
    name: 'web',
    methods: ['GET', 'HEAD'],
    owns: () => true,
    async handle(request) {
      const file = await find(request.path);
      if (file !== undefined) return resourceAnswer(request, file);
      const page = isNavigation(request) ? await find('/index.html') : undefined;
      if (page !== undefined) return resourceAnswer(request, { ...page, headers: { vary: 'accept' } });
      const missing = new AssayError('E_NOT_FOUND', { what: request.path.slice(0, MAX_SHOWN_PATH) });
      return errorAnswer(missing, { vary: 'accept' });
    },
  };
}

const MAX_SHOWN_PATH = 128;

/** The root is the app for whoever asks, also for those who, like curl, do not say what they accept. */
function isNavigation({ path, headers }: HttpRequest): boolean {
  if (path === '/') return true;
  return !NEVER_PAGES.test(path) && headers['accept']?.includes('text/html') === true;
}

async function readAppFile(
  file: string,
  path: string,
  type: string,
  cache: Map<string, CachedFile>,
): Promise<Resource | undefined> {
  try {
    const { mtimeMs: modified } = await stat(file);
    const cached = cache.get(path);
    if (cached?.modified === modified) return cached.resource;
    const bytes = await readFile(file);
    const resource = bytesResource(bytes, {
      etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
      type,
      cache: HASHED.test(path) ? IMMUTABLE : NO_CACHE,
      ...(path === '/sw.js' && { headers: { 'service-worker-allowed': '/' } }),
    });
    // As many entries as the app has files: only what is there is cached.
    cache.set(path, { modified, resource });
    return resource;
  } catch (error) {
    cache.delete(path);
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}
