import { expect, it } from 'vitest';
import { resolveFile } from './npm-entry.ts';

const files = new Set(['index.js', 'src/sub.js', 'src/$&.js', 'a/b/a/b.js']);

it.each([
  ['', {}, 'index.js'],
  ['', { exports: { '.': { node: './none.js', import: './src/sub.js' } } }, 'src/sub.js'],
  ['', { exports: './src/sub' }, 'src/sub.js'],
  ['x/sub', { exports: { './x/*': './src/*.js' } }, 'src/sub.js'],
  ['x/$&', { exports: { './x/*': './src/*.js' } }, 'src/$&.js'],
  ['a/b', { exports: { './*': './*/*.js' } }, 'a/b/a/b.js'],
  ['src/sub', {}, 'src/sub.js'],
  ['none', { exports: { './*': null } }, undefined],
])('resolves %j by %j to %s', (path, packageJson, file) => {
  expect(resolveFile(path, packageJson, files)).toBe(file);
});

it('does not let a package write paths without end', () => {
  const exports = { './*': `./${'*'.repeat(1_000_000)}` };
  expect(resolveFile('x'.repeat(8_000), { exports }, files)).toBeUndefined();
});
