import { describe, expect, it } from 'vitest';
import { readText } from './text-file.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('readText', () => {
  it('splits lines of either kind and drops the empty one after the last', () => {
    expect(readText(bytes('a\r\nb\n'))).toEqual({ kind: 'text', lines: ['a', 'b'], cut: false });
  });

  it.each([
    ['a NUL', Uint8Array.of(65, 0, 66)],
    ['broken UTF-8', Uint8Array.of(0xc3, 0x28)],
    ['a character that ends too early', Uint8Array.of(65, 0xe2, 0x82)],
  ])('takes %s for no text', (_, content) => {
    expect(readText(content).kind).toBe('binary');
  });

  it('cuts a long file, also within a character', () => {
    const text = readText(bytes(`a${'€'.repeat(300_000)}`));
    expect(text).toMatchObject({ kind: 'text', cut: true });
  });

  it('cuts a file of very many lines', () => {
    const text = readText(bytes('x\n'.repeat(6000)));
    expect(text.kind === 'text' && [text.lines.length, text.cut]).toEqual([5000, true]);
  });
});
