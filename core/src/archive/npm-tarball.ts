import { fromUtf8 } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { gunzip } from './gzip.ts';
import { readTar, type TarEntry } from './tar.ts';

/** Most bytes an npm tarball may unpack to: twice the default limit for artifacts, and about what a tab can hold. */
export const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;

/** Largest `package.json` that is read; the registry's own limit for what it takes out of it is below. */
const MAX_PACKAGE_JSON_BYTES = 1024 * 1024;

/** What is inside an npm tarball, with the first folder (usually `package/`) taken off every path, as npm does. */
export interface NpmTarball {
  readonly packageJson: Readonly<Record<string, unknown>>;
  /** Regular files by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Links: listed so that a person may see them, never followed. npm leaves them out when it installs. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/** Unpacks an npm tarball in memory and reads its `package.json`. Total. */
export async function openNpmTarball(
  tgz: Uint8Array,
  { maxBytes = MAX_UNPACKED_BYTES }: { readonly maxBytes?: number } = {},
): Promise<Result<NpmTarball>> {
  const tar = isGzip(tgz) ? await gunzip(tgz, { maxBytes }) : ok(tgz);
  if (!tar.ok) return tar;
  const entries = readTar(tar.value);
  if (!entries.ok) return entries;
  const files = new Map<string, Uint8Array>();
  const links: { path: string; target: string }[] = [];
  for (const entry of entries.value) {
    const path = withoutFirstFolder(entry);
    if (path === undefined || entry.type === 'directory') continue;
    if (files.has(path)) return fail('E_TAR_PATH', { path, reason: 'it comes twice, in two top folders' });
    if (entry.type === 'file') files.set(path, entry.bytes);
    else links.push({ path, target: entry.target ?? '' });
  }
  const packageJson = readPackageJson(files.get('package.json'));
  return packageJson.ok ? ok({ packageJson: packageJson.value, files, links }) : packageJson;
}

/** A bare tar file is a package too: npm installs it. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** Undefined for what lies beside the top folder: npm drops it. */
function withoutFirstFolder({ path }: TarEntry): string | undefined {
  const slash = path.indexOf('/');
  return slash < 0 ? undefined : path.slice(slash + 1);
}

function readPackageJson(bytes: Uint8Array | undefined): Result<Record<string, unknown>> {
  if (bytes === undefined) return fail('E_NPM_TARBALL', { reason: 'it has no package.json' });
  if (bytes.length > MAX_PACKAGE_JSON_BYTES)
    return fail('E_NPM_TARBALL', { reason: 'its package.json is too large' });
  const text = fromUtf8(bytes);
  if (!text.ok) return text;
  try {
    const json: unknown = JSON.parse(text.value.replace(/^\uFEFF/, ''));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
      return ok(json as Record<string, unknown>);
    }
    return fail('E_NPM_TARBALL', { reason: 'its package.json is not an object' });
  } catch (cause) {
    return fail('E_NPM_TARBALL', { reason: 'its package.json is not JSON' }, cause);
  }
}
