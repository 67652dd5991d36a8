/** A file as it can be shown. */
export type TextFile =
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly cut: boolean }
  | { readonly kind: 'binary' };

/** Most lines and bytes shown of one file: more would make the page slow, and the whole can be saved. */
const MAX_LINES = 5000;
const MAX_BYTES = 512 * 1024;

/** The lines of a file that is text: UTF-8 without NUL. */
export function readText(bytes: Uint8Array): TextFile {
  const shown = bytes.subarray(0, MAX_BYTES);
  if (shown.includes(0)) return { kind: 'binary' };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    // Streaming leaves a character that the cut has split for later, which never comes.
    const text = decoder.decode(shown, { stream: shown.length < bytes.length });
    const lines = text.split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    return {
      kind: 'text',
      lines: lines.slice(0, MAX_LINES),
      cut: lines.length > MAX_LINES || shown.length < bytes.length,
    };
  } catch {
    return { kind: 'binary' };
  }
}
