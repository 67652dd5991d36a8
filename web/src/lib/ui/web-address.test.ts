import { describe, expect, it } from 'vitest';
import { webAddress } from './web-address.ts';

describe('webAddress', () => {
  it.each([
    ['git+https://example.org/a/b.git', 'https://example.org/a/b'],
    ['http://example.org/', 'http://example.org/'],
  ])('links %s', (text, href) => {
    expect(webAddress(text)?.href).toBe(href);
  });

  it.each([
    undefined,
    '',
    'me/it',
    'javascript:alert(1)',
    'git+ssh://git@example.org/a.git',
    'data:text/html,x',
  ])('does not link %s', (text) => {
    expect(webAddress(text)).toBeUndefined();
  });
});
