import { expect, it } from 'vitest';
import { AssayError } from '../errors/assay-error.ts';
import { errorAnswer } from './answers.ts';

const statusOf = (error: unknown): number => errorAnswer(new Request('http://x/npm/a'), error, {}).status;

it.each([
  new AssayError('E_GZIP'),
  new AssayError('E_GZIP_TOO_LARGE', { limit: 1 }),
  new AssayError('E_TAR', { offset: 0, reason: '' }),
  new AssayError('E_NPM_TARBALL', { reason: '' }),
  new AssayError('E_UTF8'),
])('says 502, and not to ask again soon, for a verified file that is no package: $code', (error) => {
  const { status, headers } = errorAnswer(new Request('http://x/npm/a'), error, {});
  expect([status, headers.get('retry-after')]).toEqual([502, null]);
});

it('says 503 for what it does not know, and never 404', () => {
  const errors = [
    new Error('?'),
    'what',
    new AssayError('E_STORE', { reason: '' }),
    new AssayError('E_ABORTED'),
  ];
  expect(errors.map(statusOf)).toEqual([503, 503, 503, 503]);
});
