import { describe, expect, it } from 'vitest';
import * as format from './format.ts';

const thin = '\u202f';

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [12_480, `12${thin}480`],
    [1_234_567, `1${thin}234${thin}567`],
  ])('writes %i as %s', (count, text) => {
    expect(format.formatCount(count)).toBe(text);
  });

  it('agrees with its noun', () => {
    expect(format.formatAmount(1, 'record')).toBe('1 record');
    expect(format.formatAmount(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('formatBytes', () => {
  it.each([
    [1, '1 byte'],
    [900, '900 bytes'],
    [731_204, '731 KB'],
    [999_400, '999 KB'],
    [999_600, '1.0 MB'],
    [1_234_567, '1.2 MB'],
  ])('writes %i as %s', (bytes, text) => {
    expect(format.formatBytes(bytes)).toBe(text);
  });
});

describe('formatMilliseconds', () => {
  it.each([
    [0.04, '0.0 ms'],
    [4.12, '4.1 ms'],
    [19.4, '19 ms'],
    [1430, '1.4 s'],
  ])('writes %f as %s', (ms, text) => {
    expect(format.formatMilliseconds(ms)).toBe(text);
  });
});

describe('formatAge', () => {
  it.each([
    [0, 'just now'],
    [8, '8 s ago'],
    [119, '1 min ago'],
    [7200, '2 h ago'],
    [200_000, '2 d ago'],
    [-5, 'just now'],
  ])('writes %i seconds as %s', (seconds, text) => {
    expect(format.formatAge(1_000_000 - seconds, 1_000_000)).toBe(text);
  });
});

describe('digests', () => {
  const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  it('are grouped by four', () => {
    expect(format.groupDigits('9f86d081')).toBe('9f86 d081');
  });
  it('are abbreviated in the middle', () => {
    expect(format.abbreviateDigest(digest)).toBe('9f86 d081 … 0a08');
  });
});
