import { sha256 as noble } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { createSha256Kernel, MAX_KERNEL_MESSAGE_BYTES, type Sha256Kernel } from './sha256-kernel.ts';
import { sha256, sha256Each } from './sha256.ts';

function madeKernel(): Sha256Kernel {
  const kernel = createSha256Kernel();
  if (kernel === undefined) throw new Error('this platform has no WebAssembly with SIMD');
  return kernel;
}

const kernel = madeKernel();
const hexOf = (digests: readonly Uint8Array[]): string[] => digests.map(toHex);
const expected = (prefix: number, messages: readonly Uint8Array[]): string[] =>
  messages.map((message) => toHex(noble(concatBytes(Uint8Array.of(prefix), message))));
/** Bytes that differ from place to place. */
const filler = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);

describe('the SHA-256 kernel', () => {
  it('agrees with noble on every length around block ends, after longer messages too', () => {
    kernel.one([filler(5000)]);
    for (let length = 0; length <= 260; length++) {
      const message = filler(length);
      expect(toHex(kernel.one([message]) ?? new Uint8Array()), `${length} bytes`).toBe(toHex(noble(message)));
      expect(
        hexOf(
          kernel.each(
            1,
            Array.from({ length: 5 }, () => message),
          ),
        ),
      ).toEqual(
        expected(
          1,
          Array.from({ length: 5 }, () => message),
        ),
      );
    }
  });

  it('agrees with noble on parts and on messages of mixed lengths', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), messages, (prefix, all) => {
        expect(hexOf(kernel.each(prefix, all))).toEqual(expected(prefix, all));
        expect(toHex(kernel.one(all) ?? new Uint8Array())).toBe(toHex(noble(concatBytes(...all))));
      }),
    );
  });

  it('takes more messages than its memory holds', () => {
    const all = Array.from({ length: 25 }, (_, i) => filler(65_535 - i * 100));
    expect(hexOf(kernel.each(0, all))).toEqual(expected(0, all));
  });

  it('leaves messages that are too long to others', () => {
    const long = filler(MAX_KERNEL_MESSAGE_BYTES + 1);
    expect(kernel.one([long])).toBeUndefined();
    expect(toHex(sha256(long))).toBe(toHex(noble(long)));
    expect(hexOf(sha256Each(3, [long, filler(3)]))).toEqual(expected(3, [long, filler(3)]));
  });

  it('does not give out its memory', () => {
    const first = kernel.one([filler(1)]);
    const [second] = kernel.each(0, [filler(2)]);
    const before = [first, second].map((digest) => toHex(digest ?? new Uint8Array()));
    kernel.each(0, [filler(3), filler(4)]);
    expect([first, second].map((digest) => toHex(digest ?? new Uint8Array()))).toEqual(before);
  });

  it('is done without where WebAssembly is forbidden', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    try {
      const fresh = await import('./sha256.ts');
      const all = Array.from({ length: 3000 }, (_, i) => filler(i % 90));
      expect(hexOf(fresh.sha256Each(9, all))).toEqual(expected(9, all));
      expect(toHex(fresh.sha256(filler(10)))).toBe(toHex(noble(filler(10))));
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
