import { expect } from 'vitest';
import { fromBase32, toBase32 } from '../encoding/base32.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { collect } from './block-map.fixture.ts';
import { fromUrn, toUrn, type BlockSize } from './capability.ts';
import { decodeContent, decodeStream, type GetBlock } from './decode.ts';
import { encodeContent } from './encode.ts';

/** An official ERIS 1.0 test vector; binary fields are in base32. Negative ones have neither content nor secret. */
export interface OfficialVector {
  readonly type: 'positive' | 'negative';
  readonly name: string;
  readonly urn: string;
  readonly content: string;
  readonly 'block-size': BlockSize;
  readonly 'convergence-secret': string;
  readonly blocks: Readonly<Record<string, string>>;
}

/** File names of the 13 positive and the 12 negative vectors. */
export const officialVectorFiles: readonly string[] = Array.from({ length: 25 }, (_, id) => {
  const type = id < 13 ? 'positive' : 'negative';
  return `eris-test-vector-${type}-${String(id).padStart(2, '0')}.json`;
});

/** Encoding gives exactly the URN and the blocks of a positive vector. */
export function expectSameEncoding(vector: OfficialVector): void {
  const { capability, blocks } = encodeContent(unwrap(fromBase32(vector.content)), {
    blockSize: vector['block-size'],
    secret: unwrap(fromBase32(vector['convergence-secret'])),
  });
  expect(toUrn(capability)).toBe(vector.urn);
  const encoded = [...blocks].map(([hex, bytes]) => [toBase32(unwrap(fromHex(hex))), toBase32(bytes)]);
  expect(Object.fromEntries(encoded)).toEqual(vector.blocks);
}

/** Decoding a positive vector gives its content, whole or streamed. */
export async function expectSameContent(vector: OfficialVector): Promise<void> {
  const capability = unwrap(fromUrn(vector.urn));
  const whole = unwrap(await decodeContent(capability, blocksOf(vector)));
  expect(toBase32(whole)).toBe(vector.content);
  const streamed = await collect(decodeStream(capability, blocksOf(vector), { size: whole.length }));
  expect(toBase32(streamed)).toBe(vector.content);
}

/** Decoding a negative vector fails with a code. */
export async function expectRefusal(vector: OfficialVector): Promise<void> {
  const decoded = await decodeContent(unwrap(fromUrn(vector.urn)), blocksOf(vector));
  expect(decoded.ok ? 'accepted' : decoded.error.code).toMatch(/^E_ERIS_/);
}

function blocksOf(vector: OfficialVector): GetBlock {
  return async (reference) => {
    const text = vector.blocks[toBase32(reference)];
    return text === undefined ? undefined : unwrap(fromBase32(text));
  };
}
