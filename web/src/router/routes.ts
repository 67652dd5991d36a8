import { packageName, parsePackageInput } from '@assay/core/records/purl.ts';

/** Every page and what its address carries. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'search'; readonly query: string }
  | { readonly page: 'package'; readonly name: string }
  | { readonly page: 'version'; readonly name: string; readonly version: string }
  | { readonly page: 'files'; readonly name: string; readonly version: string; readonly path?: string }
  | { readonly page: 'request'; readonly input: string }
  | { readonly page: 'log'; readonly before?: number; readonly kind?: EntryKind }
  | { readonly page: 'entry'; readonly index: number }
  | { readonly page: 'checkpoint' }
  | { readonly page: 'verify' }
  | { readonly page: 'network' }
  | { readonly page: 'authorities' }
  | { readonly page: 'storage' }
  | { readonly page: 'settings' }
  | { readonly page: 'browser' }
  | { readonly page: 'help'; readonly topic?: string }
  | { readonly page: 'not-found'; readonly path: string };

/** The filter of the log explorer. */
export type EntryKind = 'artifact-add' | 'state' | 'genesis';

export type PageName = Route['page'];

const plainPages: Readonly<Record<string, Route>> = {
  '/': { page: 'home' },
  '/log/checkpoint': { page: 'checkpoint' },
  '/verify': { page: 'verify' },
  '/network': { page: 'network' },
  '/authorities': { page: 'authorities' },
  '/storage': { page: 'storage' },
  '/settings': { page: 'settings' },
  '/browser': { page: 'browser' },
  '/help': { page: 'help' },
};

/** An npm package name in a path, its version, and a path inside it: `@scope/name@1.0.0/files/src/index.js`. */
const packageAddress =
  /^\/p\/npm\/(?<name>(?:@[^/@]+\/)?[^/@]+)(?:@(?<version>[^/@]+)(?<files>\/files(?:\/(?<path>.+))?)?)?$/;
/** The addresses of npm's own website. */
const npmAddress = /^\/package\/(?<name>(?:@[^/@]+\/)?[^/@]+)(?:\/v\/(?<version>[^/@]+))?$/;

/** The page at an address. Never throws; what is no address of ours is `not-found`. */
export function parseRoute(url: URL): Route {
  const path = decode(url.pathname).replace(/(?<=.)\/+$/, '');
  return (
    plainPages[path] ??
    parsePackage(path) ??
    parseWithQuery(path, url.searchParams) ?? { page: 'not-found', path }
  );
}

/** The one address of a page: `parseRoute` of it gives the same route again. */
export function routePath(route: Route): string {
  switch (route.page) {
    case 'home':
      return '/';
    case 'search':
      return `/search${query({ q: route.query })}`;
    case 'package':
      return `/p/npm/${encode(route.name)}`;
    case 'version':
      return `/p/npm/${encode(route.name)}@${encode(route.version)}`;
    case 'files': {
      const files = `/p/npm/${encode(route.name)}@${encode(route.version)}/files`;
      return route.path === undefined ? files : `${files}/${encode(route.path)}`;
    }
    case 'request':
      return `/request${query({ purl: route.input })}`;
    case 'log':
      return `/log${query({ kind: route.kind, before: route.before })}`;
    case 'entry':
      return `/log/${route.index}`;
    case 'checkpoint':
      return '/log/checkpoint';
    case 'help':
      return route.topic === undefined ? '/help' : `/help/${encode(route.topic)}`;
    case 'not-found':
      return encode(route.path);
    case 'verify':
    case 'network':
    case 'authorities':
    case 'storage':
    case 'settings':
    case 'browser':
      return `/${route.page}`;
  }
}

/** Equal keys mean the same page instance: typing in the search field or paging the log does not build the page anew. */
export function routeKey(route: Route): string {
  if (route.page === 'search' || route.page === 'log' || route.page === 'request') return route.page;
  if (route.page === 'files') return routePath({ ...route, page: 'version' }) + '/files';
  return routePath(route);
}

function parsePackage(path: string): Route | undefined {
  const parts = (packageAddress.exec(path) ?? npmAddress.exec(path))?.groups;
  if (parts?.['name'] === undefined) return undefined;
  const purl = parsePackageInput(`${parts['name']}@${parts['version'] ?? ''}`);
  if (!purl.ok) return undefined;
  const name = packageName(purl.value);
  const { version } = purl.value;
  if (version === undefined) return { page: 'package', name };
  if (parts['files'] === undefined) return { page: 'version', name, version };
  const inside = parts['path'];
  return { page: 'files', name, version, ...(inside === undefined ? {} : { path: inside }) };
}

function parseWithQuery(path: string, parameters: URLSearchParams): Route | undefined {
  if (path === '/search') return { page: 'search', query: parameters.get('q') ?? '' };
  if (path === '/request') return { page: 'request', input: parameters.get('purl') ?? '' };
  if (path === '/log') return parseLog(parameters);
  const index = parseIndex(/^\/log\/(\d+)$/.exec(path)?.[1]);
  if (index !== undefined) return { page: 'entry', index };
  const topic = /^\/help\/([a-z0-9-]+)$/.exec(path)?.[1];
  return topic === undefined ? undefined : { page: 'help', topic };
}

function parseLog(parameters: URLSearchParams): Route {
  const before = parseIndex(parameters.get('before'));
  const kind = entryKinds.find((known) => known === parameters.get('kind'));
  return {
    page: 'log',
    ...(before === undefined ? {} : { before }),
    ...(kind === undefined ? {} : { kind }),
  };
}

const entryKinds: readonly EntryKind[] = ['artifact-add', 'state', 'genesis'];

/** A log index in decimal, without leading zeros and within safe integers. */
function parseIndex(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || !/^(?:0|[1-9]\d{0,14})$/.test(text)) return undefined;
  return Number(text);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Escapes what a path must not hold; leaves the `/` and `@` of package names readable. */
function encode(text: string): string {
  return encodeURI(text).replaceAll('?', '%3F').replaceAll('#', '%23');
}

function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}`;
}
