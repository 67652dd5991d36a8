/** Longest version text; the limit of npm's own parser. */
const MAX_VERSION_LENGTH = 256;

const NUMBER = '(?:0|[1-9][0-9]*)';
const PRERELEASE_PART = '(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD_PART = '[0-9a-zA-Z-]+';
const VERSION = new RegExp(
  `^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})` +
    `(?:-${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*)?(?:\\+${BUILD_PART}(?:\\.${BUILD_PART})*)?$`,
);

/** Whether `text` is a complete version by Semantic Versioning 2.0.0, with numbers JavaScript can hold, as npm demands. */
export function isStrictVersion(text: string): boolean {
  if (text.length > MAX_VERSION_LENGTH) return false;
  const match = VERSION.exec(text);
  return match !== null && match.slice(1, 4).every((part) => Number.isSafeInteger(Number(part)));
}
