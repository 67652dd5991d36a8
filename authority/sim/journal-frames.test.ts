import { expect, it } from 'vitest';
import { encodeFrames, readFrames } from './journal-frames.ts';

const payloads = ['one', 'two, which is longer', 'three'].map((text) => new TextEncoder().encode(text));
const journal = encodeFrames(payloads);
const lastFrame = 8 + 'three'.length;

it('reads whole frames', () => {
  expect(readFrames(journal)).toEqual({ whole: 3, end: 'clean' });
  expect(readFrames(new Uint8Array(0))).toEqual({ whole: 0, end: 'clean' });
});

it('cuts a torn tail, wherever it was torn', () => {
  for (let length = journal.length - lastFrame + 1; length < journal.length; length++) {
    expect(readFrames(journal.subarray(0, length))).toEqual({ whole: 2, end: 'torn' });
  }
});

it('tells every flipped bit before the last frame from a torn tail', () => {
  for (let bit = 0; bit < (journal.length - lastFrame) * 8; bit++) {
    const damaged = journal.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readFrames(damaged).end).toBe('damaged');
  }
});
