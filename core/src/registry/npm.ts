import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { CatalogueEntry } from '../node/catalogue.ts';
import { packageName, parsePackageInput } from '../records/purl.ts';
import { errorAnswer, jsonAnswer, streamOf, viewHeaders } from './answers.ts';
import { packument, versionManifest } from './npm-packument.ts';
import { OpenPackages } from './open-packages.ts';
import type { RegistryHandler, VerifiedPackages } from './types.ts';
import { latestOf } from './version-order.ts';

/** Where the npm registry lives, on the origin of the app or of the gateway. */
export const NPM_REGISTRY_PATH = '/registry/npm';

/** Versions of a package that are fetched for the sake of their `package.json` when its packument is asked for. */
const MANIFESTS_FETCHED = 4;

/**
 * An npm registry of verified packages, for npm, pnpm, yarn, bun and deno:
 * `GET /registry/npm/<name>` packument · `/<name>/<version or latest>` manifest · `/<name>/-/<file>.tgz` tarball · `/-/ping` ·
 * `/-/package/<name>/dist-tags` · `POST /-/npm/v1/security/advisories/bulk`, which knows of none.
 */
export function createNpmRegistry(
  packages: VerifiedPackages,
  open = new OpenPackages(packages),
): RegistryHandler {
  const registry = new NpmRegistry(packages, open);
  return {
    name: 'npm',
    canHandle: ({ pathname }) =>
      pathname === NPM_REGISTRY_PATH || pathname.startsWith(`${NPM_REGISTRY_PATH}/`),
    handle: (request) => registry.handle(request),
  };
}

class NpmRegistry {
  readonly #packages: VerifiedPackages;
  readonly #open: OpenPackages;

  constructor(packages: VerifiedPackages, open: OpenPackages) {
    this.#packages = packages;
    this.#open = open;
  }

  async handle(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      return errorAnswer(request, error, this.#headers);
    }
  }

  async #route(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const path = decodePath(url.pathname.slice(NPM_REGISTRY_PATH.length + 1));
    if (path === '-/npm/v1/security/advisories/bulk' && request.method === 'POST')
      return this.#json(request, {});
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new AssayError('E_REGISTRY_METHOD', { method: request.method });
    }
    if (path === '-/ping' || path === '') return this.#json(request, {});
    const tags = /^-\/package\/(.+)\/dist-tags$/.exec(path)?.[1];
    if (tags !== undefined) {
      const latest = latestOf(await this.#versions(nameOf(tags)));
      return this.#json(request, { latest: latest?.version });
    }
    const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/@-][^/]*)(?:\/(.+))?$/.exec(path) ?? [];
    if (name === '') throw new AssayError('E_REGISTRY_ROUTE', { path: url.pathname });
    const entries = await this.#versions(nameOf(name));
    if (rest === '') return await this.#packument(request, name, entries);
    const file = /^-\/([^/]+)$/.exec(rest)?.[1] ?? /^-\/@[^/]+\/([^/]+)$/.exec(rest)?.[1];
    if (file !== undefined) return await this.#tarball(request, name, file, entries);
    if (rest.includes('/')) throw new AssayError('E_REGISTRY_ROUTE', { path: url.pathname });
    return await this.#manifest(request, name, rest, entries);
  }

  async #packument(request: Request, name: string, entries: readonly CatalogueEntry[]): Promise<Response> {
    const manifests = await this.#manifests(entries, request.signal);
    return this.#json(request, packument({ name, entries, manifests, registryUrl: registryUrl(request) }));
  }

  async #manifest(
    request: Request,
    name: string,
    wanted: string,
    entries: readonly CatalogueEntry[],
  ): Promise<Response> {
    const entry = await this.#pick(name, entries, (all) =>
      wanted === 'latest' ? latestOf(all) : all.find(({ version }) => version === wanted),
    );
    if (entry === undefined) throw this.#absent(`${name}@${wanted}`);
    const manifests = await this.#manifests([entry], request.signal);
    return this.#json(request, versionManifest(entry, { manifests, registryUrl: registryUrl(request) }));
  }

  async #tarball(
    request: Request,
    name: string,
    file: string,
    entries: readonly CatalogueEntry[],
  ): Promise<Response> {
    const entry = await this.#pick(name, entries, (all) =>
      all.find(({ record }) => record.artifacts[0]?.name === file),
    );
    if (entry === undefined) throw this.#absent(`${name}/-/${file}`);
    const { artifact, chunks } = await this.#open.artifact(entry.record.purl, request.signal);
    const headers = {
      ...this.#headers,
      'content-type': 'application/octet-stream',
      'content-length': String(artifact.size),
      'cache-control': 'public, max-age=31536000, immutable',
      etag: `"sha256-${toHex(artifact.sha256)}"`,
    };
    return new Response(request.method === 'HEAD' ? null : streamOf(chunks()), { headers });
  }

  /** The `package.json` of the newest versions, fetched where needed; a version that cannot be had is left out. */
  async #manifests(
    entries: readonly CatalogueEntry[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
    const newest = new Set([latestOf(entries), ...entries].slice(0, MANIFESTS_FETCHED));
    const found = await Promise.all(
      [...newest].map(async (entry) => {
        if (entry === undefined) return [];
        try {
          const { packageJson } = await this.#open.contents(entry.record.purl, signal);
          return [[entry.record.purl, packageJson] as const];
        } catch {
          return [];
        }
      }),
    );
    return new Map(found.flat());
  }

  async #versions(name: string): Promise<readonly CatalogueEntry[]> {
    const known = await this.#packages.versions(name);
    if (known.length > 0) return known;
    await this.#packages.refresh();
    const entries = await this.#packages.versions(name);
    if (entries.length === 0) throw this.#absent(name);
    return entries;
  }

  /** Looks once more after asking whether the log has grown: nothing is called absent by an old view if a newer can be had. */
  async #pick(
    name: string,
    entries: readonly CatalogueEntry[],
    choose: (entries: readonly CatalogueEntry[]) => CatalogueEntry | undefined,
  ): Promise<CatalogueEntry | undefined> {
    const found = choose(entries);
    if (found !== undefined) return found;
    await this.#packages.refresh();
    return choose(await this.#packages.versions(nameOf(name)));
  }

  #absent(name: string): AssayError {
    return this.#packages.provesAbsence()
      ? new AssayError('E_REGISTRY_NOT_IN_LOG', { name })
      : new AssayError('E_REGISTRY_UNAVAILABLE', { name, reason: 'the log is not synced' });
  }

  #json(request: Request, body: unknown): Response {
    return jsonAnswer(request, body, this.#headers);
  }

  get #headers(): Record<string, string> {
    return viewHeaders('npm', this.#packages);
  }
}

/** Clients write the slash of a scope as `/`, `%2f` or `%2F`. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new AssayError('E_REGISTRY_ROUTE', { path }, cause);
  }
}

function nameOf(text: string): string {
  const purl = unwrap(parsePackageInput(text));
  if (purl.version !== undefined) throw new AssayError('E_REGISTRY_ROUTE', { path: text });
  return packageName(purl);
}

function registryUrl(request: Request): string {
  return new URL(request.url).origin + NPM_REGISTRY_PATH;
}
