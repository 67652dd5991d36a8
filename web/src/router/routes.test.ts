import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRoute, routeKey, routePath, type Route } from './routes.ts';

const at = (path: string): Route => parseRoute(new URL(path, 'http://localhost'));

describe('parseRoute', () => {
  it.each<[string, Route]>([
    ['/', { page: 'home' }],
    ['/search?q=hash', { page: 'search', query: 'hash' }],
    ['/p/npm/clsx', { page: 'package', name: 'clsx' }],
    ['/p/npm/@noble/hashes', { page: 'package', name: '@noble/hashes' }],
    ['/p/npm/%40noble/hashes@2.3.0', { page: 'version', name: '@noble/hashes', version: '2.3.0' }],
    ['/p/npm/clsx@2.1.1/files', { page: 'files', name: 'clsx', version: '2.1.1' }],
    [
      '/p/npm/clsx@2.1.1/files/dist/clsx.mjs',
      { page: 'files', name: 'clsx', version: '2.1.1', path: 'dist/clsx.mjs' },
    ],
    ['/p/npm/clsx@v2.1.1', { page: 'version', name: 'clsx', version: '2.1.1' }],
    ['/p/npm/clsx@latest', { page: 'package', name: 'clsx' }],
    ['/package/@noble/hashes/v/2.3.0', { page: 'version', name: '@noble/hashes', version: '2.3.0' }],
    ['/request?purl=pkg%3Anpm%2Fclsx%402.1.1', { page: 'request', input: 'pkg:npm/clsx@2.1.1' }],
    ['/log', { page: 'log' }],
    ['/log?before=100&kind=state', { page: 'log', before: 100, kind: 'state' }],
    ['/log/12', { page: 'entry', index: 12 }],
    ['/log/checkpoint', { page: 'checkpoint' }],
    ['/verify', { page: 'verify' }],
    ['/verify#sha256=00', { page: 'verify' }],
    ['/help/quorum', { page: 'help', topic: 'quorum' }],
  ])('reads %s', (path, route) => {
    expect(at(path)).toEqual(route);
  });

  it('drops trailing slashes', () => {
    expect(at('/network/')).toEqual({ page: 'network' });
    expect(at('/authorities')).toEqual({ page: 'authorities' });
  });

  it.each([
    '/nothing',
    '/log/01',
    '/log/99999999999999999999',
    '/p/npm/',
    '/p/npm/clsx@2',
    '/p/npm/.hidden',
    '/p/maven/a',
    '/%E0%A4%A',
  ])('finds nothing at %s', (path) => {
    expect(at(path).page).toBe('not-found');
  });
});

describe('routePath', () => {
  it('writes addresses that people can read', () => {
    expect(routePath({ page: 'version', name: '@noble/hashes', version: '2.3.0' })).toBe(
      '/p/npm/@noble/hashes@2.3.0',
    );
  });

  it('leads back to the same route for every name, version and path', () => {
    const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,9}$/);
    const versions = fc.array(fc.nat(99), { minLength: 3, maxLength: 3 });
    const file = fc.array(fc.stringMatching(/^[^/\s%\\]{1,8}$/u), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(word, word, versions, file, (scope, name, version, parts) => {
        const path = parts.map((part) => part.replace(/^\.+$/, 'dots')).join('/');
        const route: Route = { page: 'files', name: `@${scope}/${name}`, version: version.join('.'), path };
        expect(at(routePath(route))).toEqual(route);
      }),
    );
  });
});

describe('routeKey', () => {
  it('keeps the page while a search is being typed', () => {
    expect(routeKey({ page: 'search', query: 'a' })).toBe(routeKey({ page: 'search', query: 'ab' }));
  });

  it('keeps the file list while files are opened, and changes with the version', () => {
    const files: Route = { page: 'files', name: 'clsx', version: '2.1.1' };
    expect(routeKey({ ...files, path: 'a.js' })).toBe(routeKey(files));
    expect(routeKey({ ...files, version: '2.1.0' })).not.toBe(routeKey(files));
  });
});
