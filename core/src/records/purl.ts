import { fail, ok, type Result } from '../errors/result.ts';
import { isNpmName } from './npm-name.ts';
import { isStrictVersion } from './semver.ts';

/** A package URL with its parts decoded. The only type so far is npm, whose namespace is the scope with its `@`. */
export interface Purl {
  readonly type: 'npm';
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
}

/** Longest purl text: a name of 214 and a version of 256 characters, each at most tripled by percent-encoding. */
export const MAX_PURL_LENGTH = 1500;

const PREFIX = 'pkg:npm/';

/** Reads a package URL in its one canonical form; any other spelling of the same package is refused. */
export function parsePurl(text: string): Result<Purl> {
  const purl = readPurl(text);
  if (purl.ok && formatPurl(purl.value) !== text)
    return fail('E_PURL_NOT_CANONICAL', { purl: shorten(text) });
  return purl;
}

/** The canonical text: `pkg:npm/%40noble/hashes@2.4.0`. */
export function formatPurl(purl: Purl): string {
  const scope = purl.namespace === undefined ? '' : `${encodePart(purl.namespace)}/`;
  const version = purl.version === undefined ? '' : `@${encodePart(purl.version)}`;
  return `${PREFIX}${scope}${encodePart(purl.name)}${version}`;
}

/** The name as the ecosystem writes it: `@scope/name` or `name`. */
export function packageName(purl: Purl): string {
  return purl.namespace === undefined ? purl.name : `${purl.namespace}/${purl.name}`;
}

/**
 * Reads what people type: `lodash-es`, `lodash-es@4.17.21`, `@noble/hashes@v2.0.1`, `clsx@latest`, or a purl in any spelling.
 * No version (or `latest`) means the newest. A part of a version such as `2` is refused: it names many versions.
 */
export function parsePackageInput(text: string): Result<Purl> {
  const input = text.trim();
  if (input.startsWith('pkg:')) return readPurl(input);
  return fromParts(splitName(input), input);
}

interface NameParts {
  readonly name: string;
  readonly version: string | undefined;
}

/** Splits at the last `@` that is not the scope's. */
function splitName(text: string): NameParts {
  const at = text.lastIndexOf('@');
  if (at <= 0) return { name: text, version: undefined };
  return { name: text.slice(0, at), version: peopleVersion(text.slice(at + 1)) };
}

function peopleVersion(text: string): string | undefined {
  return text === '' || text === 'latest' ? undefined : text.replace(/^[v=]/, '');
}

function readPurl(text: string): Result<Purl> {
  if (text.length > MAX_PURL_LENGTH) return fail('E_PURL_SYNTAX', { purl: shorten(text) });
  if (!text.startsWith('pkg:')) return fail('E_PURL_SYNTAX', { purl: shorten(text) });
  if (!text.startsWith(PREFIX)) return fail('E_PURL_TYPE', { purl: shorten(text) });
  const rest = text.slice(PREFIX.length);
  const at = rest.lastIndexOf('@');
  const versioned = at > 0;
  const name = decodePart(versioned ? rest.slice(0, at) : rest);
  const version = versioned ? decodePart(rest.slice(at + 1)) : undefined;
  if (name === undefined || (versioned && version === undefined)) {
    return fail('E_PURL_SYNTAX', { purl: shorten(text) });
  }
  return fromParts({ name, version }, text);
}

function fromParts({ name: fullName, version }: NameParts, text: string): Result<Purl> {
  const slash = fullName.indexOf('/');
  const namespace = slash < 0 ? undefined : fullName.slice(0, slash);
  const name = fullName.slice(slash + 1);
  if (!isNpmName(namespace, name)) return fail('E_PACKAGE_NAME', { name: shorten(fullName) });
  if (version !== undefined && !isStrictVersion(version)) {
    return fail('E_PACKAGE_VERSION', { version: shorten(version), text: shorten(text) });
  }
  return ok({
    type: 'npm',
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(version === undefined ? {} : { version }),
  });
}

/** Percent-encodes everything but `A-Z a-z 0-9 . - _ ~`, as the purl specification demands of names and versions. */
function encodePart(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decodePart(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Longest piece of a refused text that goes into an error. */
const MAX_QUOTED = 80;

function shorten(text: string): string {
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`;
}
