import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { edit } from './mutation.ts';
import { mutations } from './mutations.ts';

it('every mutation still finds its text, once, and changes it', () => {
  for (const { name, edits } of mutations) {
    for (const one of edits) {
      const source = readFileSync(new URL(`../../${one.file}`, import.meta.url), 'utf8');
      expect(edit(source, one), name).not.toBe(source);
    }
  }
});

it('no two mutations have one name', () => {
  expect(new Set(mutations.map(({ name }) => name)).size).toBe(mutations.length);
});

it('an edit whose text is missing or there twice is refused', () => {
  const one = { file: 'a.ts', from: 'b', to: 'c' };
  expect(() => edit('a', one)).toThrow('0 times');
  expect(() => edit('abb', one)).toThrow('2 times');
  expect(edit('ab', one)).toBe('ac');
});
