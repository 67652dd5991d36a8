import { expect, it } from 'vitest';
import { readmeOf } from './readme.ts';

it.each([
  [['index.js', 'readme.txt', 'README.md'], 'README.md'],
  [['Readme'], 'Readme'],
  [['docs/README.md', 'README.js', 'READMEs.md'], undefined],
])('among %j the README is %s', (paths, readme) => {
  expect(readmeOf(paths)).toBe(readme);
});
