import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chacha20 as nobleChaCha20 } from '@noble/ciphers/chacha.js';
import { describe, expect, it } from 'vitest';
import { blake2b256 } from '../crypto/blake2b.ts';
import { fromBase32, toBase32 } from '../encoding/base32.ts';
import { utf8 } from '../encoding/bytes.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { vectorsPath } from '../testing/vectors.ts';
import { collect } from './block-map.fixture.ts';
import { fromUrn, toUrn, type BlockSize } from './capability.ts';
import { decodeContent, decodeStream, type GetBlock } from './decode.ts';
import { encodeContent, ErisEncoder } from './encode.ts';

interface Vector {
  readonly type: 'positive' | 'negative';
  readonly name: string;
  readonly urn: string;
  readonly content: string;
  readonly 'block-size': BlockSize;
  readonly 'convergence-secret': string;
  readonly blocks: Record<string, string>;
}

const folder = vectorsPath('eris');
const why = folder === undefined ? ' (skipped: ../shared/vectors/eris is not there)' : '';

function official(type: Vector['type']): Vector[] {
  if (folder === undefined) return [];
  const files = readdirSync(folder).filter((name) => name.startsWith(`eris-test-vector-${type}-`));
  return files.toSorted().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function blocksOf(vector: Vector): GetBlock {
  return async (reference) => {
    const text = vector.blocks[toBase32(reference)];
    return text === undefined ? undefined : unwrap(fromBase32(text));
  };
}

describe.skipIf(folder === undefined)(`the 25 official ERIS 1.0 vectors${why}`, () => {
  it('are all there', () => {
    expect(official('positive').length).toBe(13);
    expect(official('negative').length).toBe(12);
  });

  it.each(official('positive'))('encode to the URN and the blocks given: $name', (vector) => {
    const { capability, blocks } = encodeContent(unwrap(fromBase32(vector.content)), {
      blockSize: vector['block-size'],
      secret: unwrap(fromBase32(vector['convergence-secret'])),
    });
    expect(toUrn(capability)).toBe(vector.urn);
    const encoded = [...blocks].map(([hex, bytes]) => [toBase32(unwrap(fromHex(hex))), toBase32(bytes)]);
    expect(Object.fromEntries(encoded)).toEqual(vector.blocks);
  });

  it.each(official('positive'))('decode to the content given: $name', async (vector) => {
    const capability = unwrap(fromUrn(vector.urn));
    const whole = unwrap(await decodeContent(capability, blocksOf(vector)));
    expect(toBase32(whole)).toBe(vector.content);
    const size = whole.length;
    const streamed = await collect(decodeStream(capability, blocksOf(vector), { size }));
    expect(toBase32(streamed)).toBe(vector.content);
  });

  it.each(official('negative'))('are refused, with a code: $name', async (vector) => {
    const decoded = await decodeContent(unwrap(fromUrn(vector.urn)), blocksOf(vector));
    expect(decoded.ok ? 'accepted' : decoded.error.code).toMatch(/^E_ERIS_/);
  });
});

const boundaries = vectorsPath('eris/boundary-urns.txt');
describe.skipIf(boundaries === undefined)(`the URNs at block and level boundaries${why}`, () => {
  const lines = boundaries === undefined ? [] : readFileSync(boundaries, 'utf8').trim().split('\n');
  const cases = lines.map((line) => {
    const [content = '', blockSize = '', urn = ''] = line.split(' ');
    const length = content === 'empty' ? 0 : Number(content.slice('a*'.length));
    return { length, blockSize: Number(blockSize.slice('bs='.length)) as BlockSize, urn };
  });

  it('are 30', () => expect(cases.length).toBe(30));

  it.each(cases)('$length bytes in blocks of $blockSize', ({ length, blockSize, urn }) => {
    const encoder = new ErisEncoder({ blockSize, onBlock: () => {} });
    encoder.update(new Uint8Array(length).fill(0x61));
    expect(toUrn(encoder.finish())).toBe(urn);
  });
});

const large = vectorsPath('eris/large.json');
const slow = process.env['ASSAY_SLOW'] === '1';
describe.skipIf(large === undefined)(`the specification's streamed content${why}`, () => {
  it('100 MiB in 1 KiB blocks', { timeout: 600_000 }, (context) => {
    context.skip(!slow, 'takes about ten seconds; set ASSAY_SLOW=1 to run it');
    const vectors: { name: string; size: number; 'block-size': BlockSize; urn: string }[] =
      large === undefined ? [] : JSON.parse(readFileSync(large, 'utf8'));
    const vector = vectors.find(({ name }) => name === '100MiB (block size 1KiB)');
    if (vector === undefined) throw new Error('The vector is not in large.json');
    const encoder = new ErisEncoder({ blockSize: vector['block-size'], onBlock: () => {} });
    for (const chunk of keyStream(blake2b256(utf8(vector.name)), vector.size)) encoder.update(chunk);
    expect(toUrn(encoder.finish())).toBe(vector.urn);
  });
});

/** The first `size` bytes of the ChaCha20 key stream, in pieces of 1 MiB. */
function* keyStream(key: Uint8Array, size: number): Generator<Uint8Array> {
  const zeros = new Uint8Array(1024 * 1024);
  const nonce = new Uint8Array(12);
  for (let at = 0; at < size; at += zeros.length) {
    yield nobleChaCha20(key, nonce, zeros.subarray(0, size - at), undefined, at / 64);
  }
}
