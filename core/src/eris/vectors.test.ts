import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chacha20 as nobleChaCha20 } from '@noble/ciphers/chacha.js';
import { describe, expect, it } from 'vitest';
import { blake2b256 } from '../crypto/blake2b.ts';
import { utf8 } from '../encoding/bytes.ts';
import { vectorsPath } from '../testing/vectors.ts';
import { toUrn, type BlockSize } from './capability.ts';
import { ErisEncoder } from './encode.ts';
import {
  expectRefusal,
  expectSameContent,
  expectSameEncoding,
  officialVectorFiles,
  type OfficialVector,
} from './official-vectors.fixture.ts';

const folder = vectorsPath('eris');
const why = folder === undefined ? ' (skipped: ../shared/vectors/eris is not there)' : '';

describe.skipIf(folder === undefined)(`the 25 official ERIS 1.0 vectors${why}`, { timeout: 60_000 }, () => {
  const vectors: OfficialVector[] = officialVectorFiles.map((name) =>
    folder === undefined ? {} : JSON.parse(readFileSync(join(folder, name), 'utf8')),
  );
  const positive = vectors.filter(({ type }) => type === 'positive');
  const negative = vectors.filter(({ type }) => type === 'negative');

  it('are 13 positive and 12 negative ones', () => {
    expect([positive.length, negative.length]).toEqual([13, 12]);
  });

  it.each(positive)('encode to the URN and the blocks given: $name', expectSameEncoding);

  it.each(positive)('decode to the content given: $name', expectSameContent);

  it.each(negative)('are refused, with a code: $name', expectRefusal);
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

  it.each(cases)(
    '$length bytes in blocks of $blockSize',
    { timeout: 60_000 },
    ({ length, blockSize, urn }) => {
      const encoder = new ErisEncoder({ blockSize, onBlock: () => {} });
      encoder.update(new Uint8Array(length).fill(0x61));
      expect(toUrn(encoder.finish())).toBe(urn);
    },
  );
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
