import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../encoding/cbor.ts';
import { unwrap } from '../errors/result.ts';
import { aboutToCbor, readAbout } from '../records/artifact-add.ts';
import { MAX_ABOUT_BYTES } from '../records/limits.ts';
import { aboutFromPackageJson } from './about.ts';

function sizeOf(json: Record<string, unknown>): number {
  return encodeCbor(aboutToCbor(aboutFromPackageJson(json))).length;
}

describe('the about part of a record', () => {
  it('takes what search and pages need, in npm’s old spellings too', () => {
    const about = aboutFromPackageJson({
      description: ' Two\n lines ',
      licenses: [{ type: 'MIT', url: 'x' }, { type: 'Apache-2.0' }],
      author: 'Ada Lovelace <ada@example.org> (https://example.org)',
      contributors: [{ name: 'Grace Hopper', email: 'g@example.org' }, 'Ada Lovelace', 5],
      keywords: 'one, two',
      repository: { type: 'git', url: 'git+https://example.org/a.git' },
      dependencies: { b: '^2.0.0', a: '1', bad: 5 },
    });
    expect(about).toEqual({
      description: 'Two lines',
      license: 'MIT OR Apache-2.0',
      repository: 'https://example.org/a.git',
      dependencies: { a: '1', b: '^2.0.0' },
      authors: ['Ada Lovelace', 'Grace Hopper'],
      keywords: ['one', 'two'],
    });
  });

  it('has dependencies even when there are none, and none of it when they do not fit', () => {
    expect(aboutFromPackageJson({})).toEqual({ dependencies: {} });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`dependency-${i}`, '^1.0.0']));
    expect(aboutFromPackageJson({ description: 'd', dependencies: many })).toEqual({ description: 'd' });
  });

  it('cuts long texts at whole characters', () => {
    const { description = '' } = aboutFromPackageJson({ description: '🌍'.repeat(500) });
    expect(new TextEncoder().encode(description).length).toBeLessThanOrEqual(512);
    expect(description).toMatch(/^(🌍)+…$/u);
  });

  it('takes out marks that make a text read as another', () => {
    expect(aboutFromPackageJson({ description: 'a\u202egnp.exe\u0000b' }).description).toBe('agnp.exe b');
  });

  it('takes as many keywords as fit', () => {
    const keywords = Array.from({ length: 1000 }, (_, i) => `keyword ${i}`);
    const about = aboutFromPackageJson({ keywords });
    expect(about.keywords?.length).toBeGreaterThan(200);
    expect(sizeOf({ keywords })).toBeGreaterThan(MAX_ABOUT_BYTES - 20);
  });

  it(
    'never throws, always fits, and is always accepted by the reader of records',
    { timeout: 30_000 },
    () => {
      const field = fc.constantFrom(
        'description',
        'license',
        'licenses',
        'author',
        'contributors',
        'keywords',
        'homepage',
        'repository',
        'dependencies',
      );
      const value = fc.oneof(
        fc.jsonValue(),
        fc.string({ unit: 'binary', maxLength: 3000 }),
        fc.dictionary(fc.string(), fc.string()),
      );
      fc.assert(
        fc.property(fc.dictionary(field, value), (json) => {
          const about = aboutFromPackageJson(json as Record<string, unknown>);
          expect(sizeOf(json as Record<string, unknown>)).toBeLessThanOrEqual(MAX_ABOUT_BYTES);
          unwrap(readAbout(aboutToCbor(about), '$'));
        }),
        { numRuns: 1000 },
      );
    },
  );
});
