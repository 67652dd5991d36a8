type Json = Readonly<Record<string, unknown>>;

/** Conditions of an `exports` map that a browser's import fulfils. */
const CONDITIONS = new Set(['browser', 'module', 'import', 'default']);
/** Nested conditions deeper than this are not followed. */
const MAX_DEPTH = 8;
/** Linux takes no longer paths. */
const MAX_PATH_LENGTH = 4096;

/**
 * The file that a path inside a package means: the file itself, else what `exports` maps it to, else the path with `.js`,
 * `.mjs`, `.json` or `/index.js`. The empty path is the package's entry. Undefined when there is no such file.
 */
export function resolveFile(
  path: string,
  packageJson: Json,
  files: { has(path: string): boolean },
): string | undefined {
  const candidates =
    path === ''
      ? [...exported('.', packageJson['exports']), ...entryFields(packageJson), 'index.js', 'index.mjs']
      : [path, ...exported(`./${path}`, packageJson['exports']), path];
  for (const candidate of candidates.map(normalise)) {
    const found = ['', '.js', '.mjs', '.json', '/index.js'].find((ending) => files.has(candidate + ending));
    if (found !== undefined) return candidate + found;
  }
  return undefined;
}

function entryFields(packageJson: Json): string[] {
  return ['module', 'main'].flatMap((field) => {
    const value = packageJson[field];
    return typeof value === 'string' ? [value] : [];
  });
}

function exported(subpath: string, exports: unknown): string[] {
  if (!isMap(exports) || !Object.keys(exports).some((key) => key.startsWith('.'))) {
    return subpath === '.' ? targets(exports, 0) : [];
  }
  if (Object.hasOwn(exports, subpath)) return targets(exports[subpath], 0);
  for (const [pattern, target] of Object.entries(exports)) {
    const [before = '', after] = pattern.split('*');
    if (after === undefined || !subpath.startsWith(before) || !subpath.endsWith(after)) continue;
    if (subpath.length < before.length + after.length) continue;
    const matched = subpath.slice(before.length, subpath.length - after.length);
    return targets(target, 0).flatMap((path) => fill(path, matched));
  }
  return [];
}

/** A target with each `*` replaced; none where that would be longer than any path in a package. */
function fill(target: string, matched: string): string[] {
  const pieces = target.split('*');
  const length = target.length + (pieces.length - 1) * matched.length;
  return length > MAX_PATH_LENGTH ? [] : [pieces.join(matched)];
}

function targets(target: unknown, depth: number): string[] {
  if (typeof target === 'string') return [target];
  if (depth >= MAX_DEPTH) return [];
  if (Array.isArray(target)) return target.flatMap((one) => targets(one, depth + 1));
  if (!isMap(target)) return [];
  for (const [condition, value] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const found = targets(value, depth + 1);
    if (found.length > 0) return found;
  }
  return [];
}

function normalise(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
