import { sha256 } from '../crypto/sha256.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { formatPurl, packageName, parsePackageInput, type Purl } from '../records/purl.ts';
import { bytesAnswer, errorAnswer, viewHeaders } from './answers.ts';
import { mediaTypeOf } from './media-types.ts';
import { resolveFile } from './npm-entry.ts';
import { OpenPackages } from './open-packages.ts';
import type { RegistryHandler, VerifiedPackages } from './types.ts';
import { latestOf } from './version-order.ts';

/** Where single files of npm packages live. */
export const NPM_FILES_PATH = '/npm/';

/** Packages may contain pages; opened as such they get no origin, no scripts and no network. Modules are not concerned. */
const SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * Files out of verified npm tarballs, so that a page can `import('/npm/lodash-es@4.17.21/lodash.js')`. Without a path, with a path that
 * `exports` maps, or without a version, the answer is a redirect to the one file of the one version that is meant.
 */
export function createNpmFiles(
  packages: VerifiedPackages,
  open = new OpenPackages(packages),
): RegistryHandler {
  const files = new NpmFiles(packages, open);
  return {
    name: 'npm-files',
    canHandle: ({ pathname }) => pathname.startsWith(NPM_FILES_PATH) && pathname !== NPM_FILES_PATH,
    handle: (request) => files.handle(request),
  };
}

class NpmFiles {
  readonly #packages: VerifiedPackages;
  readonly #open: OpenPackages;

  constructor(packages: VerifiedPackages, open: OpenPackages) {
    this.#packages = packages;
    this.#open = open;
  }

  async handle(request: Request): Promise<Response> {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        throw new AssayError('E_REGISTRY_METHOD', { method: request.method });
      }
      return await this.#file(request);
    } catch (error) {
      return errorAnswer(request, error, this.#headers);
    }
  }

  async #file(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { purl, path } = parsePath(url.pathname);
    const version = purl.version ?? (await this.#latest(packageName(purl)));
    const exact: Purl = { ...purl, version };
    const name = formatPurl(exact);
    if ((await this.#packages.version(name)) === undefined) {
      await this.#packages.refresh(request.signal);
      if ((await this.#packages.version(name)) === undefined) throw this.#absent(name);
    }
    const { packageJson, files } = await this.#open.contents(name, request.signal);
    const resolved = resolveFile(path, packageJson, files);
    const bytes = resolved === undefined ? undefined : files.get(resolved);
    if (resolved === undefined || bytes === undefined)
      throw new AssayError('E_REGISTRY_NO_FILE', { name, path });
    if (resolved !== path || purl.version === undefined) {
      return this.#redirect(url, `${packageName(purl)}@${version}/${resolved}`, purl.version !== undefined);
    }
    return bytesAnswer(request, bytes, `"sha256-${toHex(sha256(bytes))}"`, {
      ...this.#headers,
      'content-type': mediaTypeOf(path),
      'content-security-policy': SANDBOX,
      'cache-control': 'public, max-age=31536000, immutable',
    });
  }

  async #latest(name: string): Promise<string> {
    await this.#packages.refresh();
    const latest = latestOf(await this.#packages.versions(name));
    if (latest === undefined) throw this.#absent(name);
    return latest.version;
  }

  #redirect(url: URL, target: string, isLasting: boolean): Response {
    const path = target.split('/').map(encodeSegment).join('/');
    return new Response(null, {
      status: 302,
      headers: {
        ...this.#headers,
        location: url.origin + NPM_FILES_PATH + path,
        'cache-control': isLasting ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
    });
  }

  #absent(name: string): AssayError {
    return this.#packages.provesAbsence()
      ? new AssayError('E_REGISTRY_NOT_IN_LOG', { name })
      : new AssayError('E_REGISTRY_UNAVAILABLE', { name, reason: 'the log is not synced' });
  }

  get #headers(): Record<string, string> {
    return viewHeaders('npm-files', this.#packages);
  }
}

/** `/npm/@noble/hashes@2.0.0/sha2.js` → the package and the path inside it. */
function parsePath(pathname: string): { purl: Purl; path: string } {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname.slice(NPM_FILES_PATH.length));
  } catch (cause) {
    throw new AssayError('E_REGISTRY_ROUTE', { path: pathname }, cause);
  }
  const [, input = '', path = ''] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/s.exec(decoded) ?? [];
  return { purl: unwrap(parsePackageInput(input)), path };
}

/** Escapes what would end a path; leaves `@` as people write it. */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll('%40', '@');
}
