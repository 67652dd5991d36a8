import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const KB = 1000;

/**
 * What each part of the built app may weigh, compressed. A part is all files that are loaded with the one named by the pattern.
 *
 * @type {readonly { readonly part: string; readonly file: RegExp; readonly limit: number; readonly without?: RegExp }[]}
 */
export const budgets = [
  { part: 'first load', file: /^index-.*\.js$/, limit: 60 * KB },
  // Comes on top of the first load, in the one tab that runs it, after the first paint.
  { part: 'libp2p', file: /^peer-node-.*\.js$/, limit: 190 * KB, without: /^index-.*\.js$/ },
  // The whole verifier, the sync and the swarm, hand-offs, forks, lookups kept for offline use, and what the log says of the authorities; a seventh is the texts of errors.
  { part: 'engine worker', file: /^engine-.*\.js$/, limit: 103 * KB },
  // The same verifier with hand-offs and forks, and the registries.
  { part: 'service worker', file: /^sw-.*\.js$/, limit: 102 * KB },
];

/** Static imports as bundlers write them; dynamic ones have a parenthesis. */
const STATIC_IMPORT = /\bimport\s*(?:[^"'()]*?\bfrom\s*)?["']\.\/([^"']+)["']/g;

/**
 * All files that are loaded with one, itself included.
 *
 * @param {string} file
 * @param {(file: string) => string} read
 * @param {Set<string>} seen
 * @returns {Set<string>}
 */
export function loadedWith(file, read, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, imported] of read(file).matchAll(STATIC_IMPORT)) {
    if (imported !== undefined) loadedWith(imported, read, seen);
  }
  return seen;
}

/**
 * Weighs a built app. Returns one line per part, and whether all parts keep their limits.
 *
 * @param {string} dist
 */
export function weigh(dist) {
  const assets = join(dist, 'assets');
  const names = readdirSync(assets);
  const read = (/** @type {string} */ name) => readFileSync(join(assets, name), 'utf8');
  /** @param {RegExp} pattern */
  const load = (pattern) => {
    const entry = names.find((name) => pattern.test(name));
    if (entry === undefined) throw new Error(`the build has no file like ${pattern.source}`);
    return loadedWith(entry, read);
  };
  const parts = budgets.map(({ part, file, limit, without }) => {
    const loadedBefore = without === undefined ? new Set() : load(without);
    const files = [...load(file)].filter((name) => !loadedBefore.has(name));
    const size = files.reduce((sum, name) => sum + gzipSync(read(name)).length, 0);
    return { part, size, limit };
  });
  return {
    lines: parts.map(
      ({ part, size, limit }) =>
        `${part.padEnd(15)} ${(size / KB).toFixed(1)} kB of ${limit / KB} kB${size > limit ? '  TOO LARGE' : ''}`,
    ),
    ok: parts.every(({ size, limit }) => size <= limit),
  };
}
