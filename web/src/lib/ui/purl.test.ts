import { describe, expect, it } from 'vitest';
import { canonicalPurl, purlOf, routeOfPurl, spokenPurl } from './purl.ts';

describe('purls in pages', () => {
  it('are made of the name and version in an address', () => {
    expect(purlOf('@noble/hashes', '2.3.0')).toEqual({ ok: true, value: 'pkg:npm/%40noble/hashes@2.3.0' });
    expect(purlOf('clsx')).toEqual({ ok: true, value: 'pkg:npm/clsx' });
  });

  it('are read from what people type', () => {
    expect(canonicalPurl(' clsx@v2.1.1 ')).toEqual({ ok: true, value: 'pkg:npm/clsx@2.1.1' });
    expect(canonicalPurl('not a package').ok).toBe(false);
  });

  it('lead to the page of the version or of the package', () => {
    expect(routeOfPurl('pkg:npm/%40noble/hashes@2.3.0')).toEqual({
      page: 'version',
      name: '@noble/hashes',
      version: '2.3.0',
    });
    expect(routeOfPurl('pkg:npm/clsx')).toEqual({ page: 'package', name: 'clsx' });
  });

  it('are spoken as people say them', () => {
    expect(spokenPurl('pkg:npm/%40noble/hashes@2.3.0')).toBe('@noble/hashes 2.3.0');
    expect(spokenPurl('what is this')).toBe('what is this');
  });
});
