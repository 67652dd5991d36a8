import { formatPurl, packageName, parsePackageInput, parsePurl } from '@assay/core/records/purl.ts';
import { unwrap, type Result } from '@assay/core/errors/result.ts';
import type { Route } from '../../router/routes.ts';

/** The canonical purl of a name and version as they stand in an address. */
export function purlOf(name: string, version?: string): Result<string> {
  return canonicalPurl(version === undefined ? name : `${name}@${version}`);
}

/** The canonical purl of whatever a person typed. */
export function canonicalPurl(input: string): Result<string> {
  const purl = parsePackageInput(input);
  return purl.ok ? { ok: true, value: formatPurl(purl.value) } : purl;
}

/** The page of a purl: of the version it names, or of the package. Throws for what is no canonical purl. */
export function routeOfPurl(text: string): Route {
  const purl = unwrap(parsePurl(text));
  const name = packageName(purl);
  return purl.version === undefined
    ? { page: 'package', name }
    : { page: 'version', name, version: purl.version };
}

/** A purl as people say it: `@noble/hashes 2.3.0`. */
export function spokenPurl(text: string): string {
  const purl = parsePurl(text);
  if (!purl.ok) return text;
  const name = packageName(purl.value);
  return purl.value.version === undefined ? name : `${name} ${purl.value.version}`;
}
