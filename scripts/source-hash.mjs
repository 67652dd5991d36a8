import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const leftOut = new Set(['node_modules', 'dist', 'coverage', '.svelte-kit']);

/**
 * SHA-256 (hex) over the names and contents of all files under the given files and folders, tests and build results
 * left out. Equal hashes mean that a build would bring the same result. A path that does not exist counts as empty.
 * @param {string} base folder that names are relative to
 * @param {readonly string[]} paths relative to `base`
 */
export function sourceHash(base, paths) {
  const hash = createHash('sha256');
  const files = paths.flatMap((path) => filesUnder(join(base, path))).toSorted();
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(base, file).split(sep).join('/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (leftOut.has(entry.name) || /\.(test|fixture)\.ts$/.test(entry.name)) return [];
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return filesUnder(inside);
    return entry.isFile() ? [inside] : [];
  });
}
