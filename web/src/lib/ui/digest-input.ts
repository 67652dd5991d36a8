/**
 * The SHA-256 in what a person pasted, in lower-case hex: plain, in groups, with `sha256:` before it, or as a line of `sha256sum`.
 * Undefined when there is none.
 */
export function readDigest(input: string): string | undefined {
  const text = input
    .trim()
    .toLowerCase()
    .replace(/^sha-?256[\s:=-]*/, '');
  const alone = text.replaceAll(/\s/g, '');
  if (/^[0-9a-f]{64}$/.test(alone)) return alone;
  return /^([0-9a-f]{64})\s/.exec(text)?.[1];
}
