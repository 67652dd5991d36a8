import { describe, expect, it } from 'vitest';
import { readDigest } from './digest-input.ts';

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

describe('readDigest', () => {
  it.each([
    digest,
    ` ${digest.toUpperCase()}\n`,
    `sha256:${digest}`,
    `SHA-256 ${digest}`,
    `#sha256=${digest}`.slice(1),
    digest.replaceAll(/.{4}(?=.)/g, '$& '),
    `${digest}  clsx-2.1.1.tgz`,
  ])('reads %j', (input) => {
    expect(readDigest(input)).toBe(digest);
  });

  it.each(['', 'clsx', digest.slice(1), `${digest}0`, `sha512:${digest}`])('finds none in %j', (input) => {
    expect(readDigest(input)).toBeUndefined();
  });
});
