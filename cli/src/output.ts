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
    result: (_data, text) => line(stdout, text),
    progress: (_data, text) => {
      if (stderr.isTTY !== true) return line(stderr, text);
      stderr.write(`${CLEAR_LINE}${text}`);
      unfinishedLine = true;
    },
    error: (error) => line(stderr, errorText(error)),
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
