// How near ERIS comes to the bare hashing and encryption of the same bytes.
import { chacha20 } from '@noble/ciphers/chacha.js';
import { blake2b } from '@noble/hashes/blake2.js';
import type { BlockSize } from '@assay/core/eris/capability.ts';
import { decodeStream } from '@assay/core/eris/decode.ts';
import { ErisEncoder } from '@assay/core/eris/encode.ts';
import { getFromPack, indexPack } from '@assay/core/eris/pack-index.ts';
import { createPackPlan } from '@assay/core/eris/pack-plan.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { compareCpuRates, type BenchRow, type Contest, type Work } from './measure.ts';

const CONTENT_BYTES = 1024 * 1024;
const ROUNDS = 9;
const nullSecret = new Uint8Array(32);
const nonce = new Uint8Array(12);

/** Rates of encoding, decoding and packing, each beside raw noble BLAKE2b and ChaCha20 over the same leaves. */
export async function bench(): Promise<BenchRow[]> {
  const content = chacha20(new Uint8Array(32).fill(1), nonce, new Uint8Array(CONTENT_BYTES));
  const rows: BenchRow[] = [];
  for (const blockSize of [32768, 1024] as const) {
    for (const contest of await contests(content, blockSize))
      rows.push(await compareCpuRates(contest, ROUNDS));
  }
  return rows;
}

async function contests(content: Uint8Array, blockSize: BlockSize): Promise<Contest[]> {
  const pack = await buildPack(content, { blockSize });
  const blocks: Uint8Array[] = [];
  for await (const block of pack.blocks()) blocks.push(block);
  const readBlock = async (index: number) => blocks[index];
  const get = getFromPack(unwrap(await indexPack(pack.capability, content.length, readBlock)), readBlock);
  const rawEncode: Work = () => eachLeaf(content, blockSize, hashEncryptHash);
  const named = (name: string): string => `ERIS ${name}, ${blockSize / 1024} KiB blocks`;
  return [
    {
      name: named('encode'),
      bytes: content.length,
      subject() {
        const encoder = new ErisEncoder({ blockSize, onBlock: () => {} });
        encoder.update(content);
        encoder.finish();
      },
      baseline: { name: 'noble alone', work: rawEncode },
    },
    {
      name: named('encode into a pack'),
      bytes: content.length,
      async subject() {
        const written = await buildPack(content, { blockSize });
        for await (const block of written.blocks()) void block;
      },
      baseline: { name: 'noble alone', work: rawEncode },
    },
    {
      name: named('decode'),
      bytes: content.length,
      async subject() {
        const options = { size: content.length, convergent: true };
        for await (const chunk of decodeStream(pack.capability, get, options)) void chunk;
      },
      baseline: { name: 'noble alone', work: () => eachLeaf(content, blockSize, hashDecrypt) },
    },
    {
      name: named('check a pack on arrival'),
      bytes: content.length,
      subject() {
        const plan = unwrap(createPackPlan(pack.capability, content.length));
        blocks.forEach((block, index) => unwrap(plan.accept(index, block)));
      },
      baseline: { name: 'noble alone', work: () => eachLeaf(content, blockSize, hash) },
    },
  ];
}

function eachLeaf(content: Uint8Array, blockSize: number, work: (leaf: Uint8Array) => void): void {
  for (let at = 0; at < content.length; at += blockSize) work(content.subarray(at, at + blockSize));
}

function hash(bytes: Uint8Array): Uint8Array {
  return blake2b(bytes, { dkLen: 32 });
}

function hashDecrypt(block: Uint8Array): void {
  hash(block);
  chacha20(nullSecret, nonce, block);
}

function hashEncryptHash(leaf: Uint8Array): void {
  const key = blake2b(leaf, { dkLen: 32, key: nullSecret });
  hash(chacha20(key, nonce, leaf));
}
