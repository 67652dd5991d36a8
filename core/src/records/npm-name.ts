/** Longest package name the npm registry accepts, scope included. */
const MAX_NAME_LENGTH = 214;

/** What `encodeURIComponent` leaves alone. Upper case and `!'()*~` occur in names from before 2014, which are still served. */
const URL_SAFE = /^[A-Za-z0-9\-_.!~*'()]+$/;

/** Names that npm refuses because they mean something else in a folder or a browser. */
const RESERVED = new Set(['node_modules', 'favicon.ico']);

/** Whether `@scope` (undefined for none) and `name` together are a name the npm registry may hold, old ones included. */
export function isNpmName(scope: string | undefined, name: string): boolean {
  if (!URL_SAFE.test(name) || name.startsWith('.')) return false;
  if (scope === undefined) {
    return name.length <= MAX_NAME_LENGTH && !name.startsWith('_') && !RESERVED.has(name.toLowerCase());
  }
  const bare = scope.slice(1);
  if (!scope.startsWith('@') || !URL_SAFE.test(bare) || bare.startsWith('.')) return false;
  return scope.length + 1 + name.length <= MAX_NAME_LENGTH;
}
