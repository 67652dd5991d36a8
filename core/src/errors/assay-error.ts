import { fillIn, type Message } from './message.ts';
import { messages, type ErrorCode } from './messages.ts';

/** The particulars of one error: numbers and short texts that its message names as `{field}`. */
export type ErrorFields = Readonly<Record<string, string | number>>;

/** An error as it crosses a process or network border. */
export interface WireError {
  readonly code: string;
  readonly fields: Record<string, string | number>;
}

/** Most fields an error from outside may carry; our own messages name at most five. */
const MAX_WIRE_FIELDS = 16;
/** Longest code, field name or text taken from outside, in UTF-16 units: room for a purl, not for a page. */
const MAX_WIRE_TEXT = 512;

/** The one error family of the project. `message` is the `happened` sentence of its code, filled in. */
export class AssayError extends Error {
  override readonly name = 'AssayError';
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, fields: ErrorFields = {}, cause?: unknown) {
    super(fillIn(messages[code].happened, fields), cause === undefined ? undefined : { cause });
    this.code = code;
    this.fields = fields;
  }
}

/** Whether `x` is an error of this project. */
export function isAssayError(x: unknown): x is AssayError {
  return x instanceof AssayError;
}

/** What to tell a person about the error: the message of its code with the fields filled in. */
export function explain(error: AssayError): Message {
  const { happened, means, remedy, help } = messages[error.code];
  const { fields } = error;
  return {
    happened: fillIn(happened, fields),
    means: fillIn(means, fields),
    remedy: fillIn(remedy, fields),
    help,
  };
}

/** The error without its cause and stack, ready for CBOR or JSON. */
export function toWire(error: AssayError): WireError {
  return { code: error.code, fields: { ...error.fields } };
}

/** Reads an error that came from outside. Total: whatever is not a known, well-formed error is `E_UNKNOWN`. */
export function fromWire(x: unknown): AssayError {
  if (!isObject(x) || !isShortText(x['code'])) return new AssayError('E_UNKNOWN', { code: 'none' });
  const code = x['code'];
  const fields = wireFields(x['fields']);
  if (fields === undefined || !isErrorCode(code)) return new AssayError('E_UNKNOWN', { code });
  return new AssayError(code, fields);
}

/** Whether `code` is one of the codes in `messages`. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(messages, code);
}

function wireFields(x: unknown): ErrorFields | undefined {
  if (x === undefined) return {};
  if (!isObject(x)) return undefined;
  const entries = Object.entries(x);
  if (entries.length > MAX_WIRE_FIELDS) return undefined;
  const fields: Record<string, string | number> = Object.create(null);
  for (const [name, value] of entries) {
    if (!isShortText(name) || !(isShortText(value) || Number.isFinite(value))) return undefined;
    fields[name] = value as string | number;
  }
  return fields;
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

function isShortText(x: unknown): x is string {
  return typeof x === 'string' && x.length <= MAX_WIRE_TEXT;
}
