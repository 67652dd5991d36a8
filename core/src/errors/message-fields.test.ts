import { describe, expectTypeOf, it } from 'vitest';
import type { FieldsOf, Particulars } from './message-fields.ts';
import type { ErrorCode } from './messages.ts';

/** Checked by the compiler: a wrong line here fails `npm run check`. */
describe('the fields of an error', () => {
  it('are those its message names', () => {
    expectTypeOf<{ offset: number; need: number }>().toExtend<FieldsOf<'E_BYTES_TRUNCATED'>>();
    expectTypeOf<{ offset: number; need: string; more: string }>().toExtend<FieldsOf<'E_BYTES_TRUNCATED'>>();
    expectTypeOf<{ offset: number }>().not.toExtend<FieldsOf<'E_BYTES_TRUNCATED'>>();
    expectTypeOf<{ offset: number; need: null }>().not.toExtend<FieldsOf<'E_BYTES_TRUNCATED'>>();
  });

  it('may be left out only where the message names none', () => {
    expectTypeOf<[]>().toExtend<Particulars<'E_HEX'>>();
    expectTypeOf<[]>().not.toExtend<Particulars<'E_BYTES_TRAILING'>>();
  });

  it('may be any where the code is known only at run time', () => {
    expectTypeOf<[]>().toExtend<Particulars<ErrorCode>>();
    expectTypeOf<[]>().toExtend<Particulars<'E_HEX' | 'E_BYTES_TRAILING'>>();
  });
});
