import type { ErrorFields } from './assay-error.ts';
import type { ErrorCode, messages } from './messages.ts';

/** The names that a sentence puts in braces. */
type NamesIn<Sentence extends string> = Sentence extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never;

type Sentences<Code extends ErrorCode> = (typeof messages)[Code]['happened' | 'means' | 'remedy'];

type IsOneOf<Code, All = Code> = Code extends All ? ([All] extends [Code] ? true : false) : never;

/** The fields the message of a code names, others allowed; any fields where the code is known only at run time. */
export type FieldsOf<Code extends ErrorCode> =
  IsOneOf<Code> extends true
    ? ErrorFields & Readonly<Record<NamesIn<Sentences<Code>>, string | number>>
    : ErrorFields;

/** What follows the code of an error: its fields, which may be left out when its message names none, and its cause. */
export type Particulars<Code extends ErrorCode> =
  Record<never, never> extends FieldsOf<Code>
    ? [fields?: ErrorFields, cause?: unknown]
    : [fields: FieldsOf<Code>, cause?: unknown];
