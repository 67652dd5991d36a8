import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { createOutput } from './output.ts';

function written(json: boolean) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const output = createOutput(json, stdout, stderr);
  return { output, text: () => `${stdout.read() ?? ''}${stderr.read() ?? ''}` };
}

it('writes nothing to a terminal that a stranger could rewrite the screen with', () => {
  const { output, text } = written(false);
  const hostile = 'a\u001B[2J\rVerified\u0007\u009B1A\u202Eb\tc\nd';
  const harmless = 'a\\u{1b}[2J\\u{d}Verified\\u{7}\\u{9b}1A\\u{202e}b\tc\nd';
  output.result({}, hostile);
  expect(text()).toBe(`${harmless}\n`);
  output.progress({}, hostile);
  expect(text()).toBe(`${harmless}\n`);
  output.error(new AssayError('E_FILE', { path: '\u001B]0;x', reason: 'r' }));
  expect(text()).toContain('\\u{1b}]0;x');
});

it('writes one line of JSON for each thing with --json', () => {
  const { output, text } = written(true);
  output.result({ a: '\n\u001B' }, 'unused');
  expect(text()).toBe('{"a":"\\n\\u001b"}\n');
});
