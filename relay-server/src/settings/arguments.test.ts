import { expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

it.each([['run --data x'], ['run --data=x'], ['--data x run']])('understands %s', (line) => {
  expect(readArguments(line.split(' '))).toBe('x');
});

it.each([[''], ['run'], ['run --data'], ['run --data x --port 1'], ['walk --data x'], ['run run --data x']])(
  'does not guess what "%s" means',
  (line) => {
    expect(readArguments(line.split(' ').filter((word) => word !== ''))).toBeUndefined();
  },
);
