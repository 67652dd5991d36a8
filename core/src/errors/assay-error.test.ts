import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssayError, explain, fromWire, isAssayError, toWire } from './assay-error.ts';
import { messages, type ErrorCode } from './messages.ts';

describe('AssayError', () => {
  it('says what happened with the fields filled in', () => {
    const error = new AssayError('E_BYTES_TRUNCATED', { offset: 7, need: 2 });
    expect(error.message).toBe('The data ends at byte 7, where 2 more bytes are needed.');
    expect(error.name).toBe('AssayError');
  });

  it('leaves the name of a field that it was not given', () => {
    expect(new AssayError('E_BYTES_TRAILING').message).toBe(
      '{count} bytes follow after the end of the data.',
    );
  });

  it('does not take inherited names for fields, nor placeholders in values for its own', () => {
    expect(new AssayError('E_UNKNOWN', { code: '{code} $&' }).message).toContain('know: {code} $&.');
    const inherited = Object.create({ count: 3 }) as Record<string, number>;
    expect(new AssayError('E_BYTES_TRAILING', inherited).message).toMatch(/^\{count\}/);
  });

  it('explains itself to a person in filled-in sentences', () => {
    expect(explain(new AssayError('E_BYTES_TRAILING', { count: 3 }))).toEqual({
      ...messages.E_BYTES_TRAILING,
      happened: '3 bytes follow after the end of the data.',
    });
  });

  it('keeps its cause, and has none when none was given', () => {
    const cause = new Error('disk');
    expect(new AssayError('E_UTF8', {}, cause).cause).toBe(cause);
    expect(Object.hasOwn(new AssayError('E_UTF8'), 'cause')).toBe(false);
  });

  it('is told apart from other errors', () => {
    expect(isAssayError(new AssayError('E_HEX'))).toBe(true);
    expect(isAssayError(new Error('E_HEX'))).toBe(false);
    expect(isAssayError(undefined)).toBe(false);
  });
});

describe('errors on the wire', () => {
  it('come back the same, without cause', () => {
    const codes = fc.constantFrom(...(Object.keys(messages) as ErrorCode[]));
    const fields = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), { maxKeys: 16 });
    fc.assert(
      fc.property(codes, fields, (code, given) => {
        const read = fromWire(toWire(new AssayError(code, given, new Error('secret'))));
        expect({ code: read.code, fields: { ...read.fields } }).toEqual({ code, fields: { ...given } });
        expect(read.cause).toBeUndefined();
      }),
    );
  });

  it('become E_UNKNOWN when the code is not ours', () => {
    expect(fromWire({ code: 'E_FROM_THE_FUTURE', fields: {} })).toMatchObject({
      code: 'E_UNKNOWN',
      fields: { code: 'E_FROM_THE_FUTURE' },
    });
    expect(fromWire({ code: 'toString', fields: {} }).code).toBe('E_UNKNOWN');
  });

  it.each([
    ['no object', 'E_HEX'],
    ['null', null],
    ['an array', ['E_HEX']],
    ['no code', { fields: {} }],
    ['a code that is a number', { code: 1 }],
    ['fields that are a list', { code: 'E_HEX', fields: [] }],
    ['a field that is an object', { code: 'E_HEX', fields: { a: {} } }],
    ['a field that is no finite number', { code: 'E_HEX', fields: { a: Number.NaN } }],
    ['a code beyond the limit', { code: 'E'.repeat(513) }],
    ['a text beyond the limit', { code: 'E_HEX', fields: { a: 'x'.repeat(513) } }],
    [
      'fields beyond the limit',
      { code: 'E_HEX', fields: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i, 0])) },
    ],
  ])('become E_UNKNOWN when they are %s', (_, wire) => {
    expect(fromWire(wire).code).toBe('E_UNKNOWN');
  });

  it('never throw, whatever comes', () => {
    fc.assert(fc.property(fc.anything(), (anything) => isAssayError(fromWire(anything))));
  });
});
