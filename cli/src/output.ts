import type { Writable } from 'node:stream';
import { explain, isAssayError, toWire } from '@assay/core/errors/assay-error.ts';

/** Where a command writes: one JSON object per line, or sentences for people. */
export interface Output {
  readonly json: boolean;
  /** A result. `text` is what a person reads; `data` is what a program reads. */
  result(data: Readonly<Record<string, unknown>>, text: string): void;
  /** What is going on. For people on standard error, overwriting itself on a terminal; a JSON line with `--json`. */
  progress(data: Readonly<Record<string, unknown>>, text: string): void;
  error(error: unknown): void;
}

/** What could move the cursor, clear the screen, turn the direction of writing or otherwise change what a person reads. */
// eslint-disable-next-line no-control-regex
const UNSHOWABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that may come from anybody, made safe for a terminal: unshowable characters are written out as `\u{1b}`. */
function shown(text: string): string {
  return text.replace(UNSHOWABLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

const CLEAR_LINE = '\r\u001B[2K';

/** Output to the given streams. */
export function createOutput(
  json: boolean,
  stdout: Writable,
  stderr: Writable & { readonly isTTY?: boolean },
): Output {
  let unfinishedLine = false;
  const line = (stream: Writable, text: string): void => {
    if (unfinishedLine) stderr.write(CLEAR_LINE);
    unfinishedLine = false;
    stream.write(`${text}\n`);
  };
  if (json) {
    const print = (data: object): void => line(stdout, JSON.stringify(data));
    return { json, result: print, progress: print, error: (error) => print({ error: errorData(error) }) };
  }
  return {
    json,
    result: (_data, text) => line(stdout, shown(text)),
    progress: (_data, text) => {
      if (stderr.isTTY !== true) return line(stderr, shown(text));
      stderr.write(`${CLEAR_LINE}${shown(text)}`);
      unfinishedLine = true;
    },
    error: (error) => line(stderr, shown(errorText(error))),
  };
}

/** What happened, what it means and what can be done, with the code. */
export function errorText(error: unknown): string {
  if (!isAssayError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { happened, means, remedy } = explain(error);
  return `${happened} ${means} ${remedy} (${error.code})`;
}

function errorData(error: unknown): Record<string, unknown> {
  if (!isAssayError(error)) return { code: 'E_UNKNOWN', message: String(error) };
  return { ...toWire(error), message: errorText(error) };
}
