import { expect, it } from 'vitest';
import { AssayError } from './assay-error.ts';
import { fail, ok, unwrap } from './result.ts';

it('gives the value of a success', () => {
  expect(unwrap(ok(7))).toBe(7);
});

it('throws the coded error of a failure', () => {
  const cause = new Error('why');
  const failure = fail('E_BYTES_TRAILING', { count: 2 }, cause);
  expect(failure).toMatchObject({
    ok: false,
    error: { code: 'E_BYTES_TRAILING', fields: { count: 2 }, cause },
  });
  expect(() => unwrap(failure)).toThrow(AssayError);
});
