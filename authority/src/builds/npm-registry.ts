import { MAX_UPSTREAM_BYTES } from '@assay/core/archive/statement.ts';
import { fromUtf8 } from '@assay/core/encoding/bytes.ts';
import { AssayError, isAssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { integrityDigest } from '@assay/core/records/artifact-add.ts';
import { formatPurl, packageName, parsePurl, type Purl } from '@assay/core/records/purl.ts';
import { leadsInside } from './internal-host.ts';
import { download, type RegistryFetchOptions } from './registry-fetch.ts';

/** What the registry says about one version. */
export interface Release {
  readonly tarball: URL;
  /** `sha512-<base64>`. */
  readonly integrity: string;
}

/** An npm registry, as far as a mirror needs it. Everything throws AssayErrors, most of them `E_UPSTREAM_…`. */
export interface NpmRegistry {
  /** The purl with the version that the registry calls `latest`; a purl with a version is returned as it is. */
  newest(purl: Purl, signal: AbortSignal): Promise<Purl>;
  release(purl: Purl, signal: AbortSignal): Promise<Release>;
  /** The bytes of a release, not checked. */
  tarball(purl: Purl, release: Release, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** The largest packuments in the short form are below 10 MiB. */
const MAX_PACKUMENT_BYTES = 32 * 1024 * 1024;
/** The short form first: it has all that is needed at a tenth of the size. */
const PACKUMENT_TYPES = 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8';
const TARBALL_TYPES = '*/*';

type Json = Readonly<Record<string, unknown>>;

/** A registry at a base URL. */
export function createNpmRegistry(options: RegistryFetchOptions & { readonly baseUrl: string }): NpmRegistry {
  const base = new URL(options.baseUrl.replace(/\/*$/, '/'));

  async function packument(purl: Purl, signal: AbortSignal): Promise<Json> {
    const name = packageName(purl);
    const url = new URL(name.replace('/', '%2f'), base);
    const request = { name, url, accept: PACKUMENT_TYPES, maxBytes: MAX_PACKUMENT_BYTES, signal };
    const bytes = await download(options, request).catch((error: unknown) => {
      throw isMissing(error) ? new AssayError('E_UPSTREAM_NO_PACKAGE', { name }, error) : error;
    });
    const json = parseJson(bytes, name);
    if (json['name'] !== name) throw unusable(name, 'it is about another package');
    return json;
  }

  return {
    async newest(purl, signal) {
      if (purl.version !== undefined) return purl;
      const name = packageName(purl);
      const tags = asObject((await packument(purl, signal))['dist-tags']);
      const latest = tags?.['latest'];
      if (typeof latest !== 'string') {
        throw new AssayError('E_UPSTREAM_NO_VERSION', { name, version: 'latest' });
      }
      return unwrap(parsePurl(formatPurl({ ...purl, version: latest })));
    },
    async release(purl, signal) {
      const name = packageName(purl);
      const version = purl.version ?? '';
      const versions = asObject((await packument(purl, signal))['versions']) ?? {};
      const manifest = Object.hasOwn(versions, version) ? asObject(versions[version]) : undefined;
      if (manifest === undefined) throw new AssayError('E_UPSTREAM_NO_VERSION', { name, version });
      return releaseOf(asObject(manifest['dist']) ?? {}, `${name}@${version}`, base);
    },
    tarball(purl, { tarball }, maxBytes, signal) {
      const name = `${packageName(purl)}@${purl.version ?? ''}`;
      return download(options, { name, url: tarball, accept: TARBALL_TYPES, maxBytes, signal }).catch(
        (error: unknown) => {
          throw isMissing(error) ? new AssayError('E_UPSTREAM_STATUS', { status: 404, name }, error) : error;
        },
      );
    },
  };
}

function releaseOf(dist: Json, name: string, base: URL): Release {
  const integrity = sha512Of(dist['integrity']);
  if (integrity === undefined) throw new AssayError('E_UPSTREAM_NO_INTEGRITY', { name });
  const address = dist['tarball'];
  const tarball = typeof address === 'string' ? URL.parse(address, base) : null;
  if (tarball === null) throw unusable(name, 'it names no tarball');
  if (tarball.href.length > MAX_UPSTREAM_BYTES) throw unusable(name, 'its tarball has too long an address');
  if (tarball.protocol !== base.protocol && tarball.protocol !== 'https:') {
    throw unusable(name, 'its tarball is behind another protocol');
  }
  if (leadsInside(base, tarball)) throw unusable(name, 'its tarball is in the network of this authority');
  return { tarball, integrity };
}

/** The SHA-512 among the hashes of a Subresource Integrity text. A SHA-1 is not enough: others can make a file that has it. */
function sha512Of(integrity: unknown): string | undefined {
  if (typeof integrity !== 'string') return undefined;
  const hashes = integrity.split(/\s+/).map((hash) => hash.replace(/\?.*$/, ''));
  return hashes.find((hash) => integrityDigest(hash).ok);
}

function parseJson(bytes: Uint8Array, name: string): Json {
  const text = fromUtf8(bytes);
  if (!text.ok) throw unusable(name, 'it is not UTF-8');
  let json: unknown;
  try {
    json = JSON.parse(text.value);
  } catch {
    throw unusable(name, 'it is not JSON');
  }
  return asObject(json) ?? {};
}

function unusable(name: string, reason: string): AssayError {
  return new AssayError('E_UPSTREAM_ANSWER', { name, reason });
}

function isMissing(error: unknown): boolean {
  return isAssayError(error) && error.code === 'E_NOT_FOUND';
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}
