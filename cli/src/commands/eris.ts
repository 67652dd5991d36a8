import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { blockSizeFor, fromUrn, toUrn, type BlockSize } from '@assay/core/eris/capability.ts';
import { decodeStream } from '@assay/core/eris/decode.ts';
import { getFromPack, indexBlocks } from '@assay/core/eris/pack-index.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { textOption, type Command, type OptionValues } from '../command.ts';
import { exitCode } from '../exit-code.ts';

const SECRET_BYTES = 32;

/** `assay eris`: encode and decode ERIS 1.0, as any other ERIS tool does. */
export const erisCommand: Command = {
  usage:
    'eris encode FILE [--block-size 1024|32768] [--secret HEX] [--pack OUT] | eris decode URN --pack FILE -o OUT',
  summary: 'Encode a file to an ERIS URN and pack, or decode one',
  options: {
    'block-size': { type: 'string' },
    secret: { type: 'string' },
    pack: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  operands: [2, 2],
  async run({ operands, options, output }) {
    const [action, subject = ''] = operands;
    if (action === 'encode') {
      const { urn, blocks, size } = await encode(subject, options);
      output.result({ urn, blocks, size }, urn);
      return exitCode.ok;
    }
    const [pack, target] = [textOption(options, 'pack'), textOption(options, 'output')];
    if (action !== 'decode' || pack === undefined || target === undefined) {
      throw new AssayError('E_USAGE', {
        problem: 'eris takes encode FILE, or decode URN --pack FILE -o OUT',
      });
    }
    const size = await decode(subject, pack, target);
    output.result({ size, path: target }, `decoded ${size} bytes to ${target}`);
    return exitCode.ok;
  },
};

async function encode(
  file: string,
  options: OptionValues,
): Promise<{ urn: string; blocks: number; size: number }> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new AssayError('E_FILE', { path: file, reason: 'it cannot be opened' }, cause);
  });
  const secret = textOption(options, 'secret');
  const pack = await buildPack(() => createReadStream(file) as AsyncIterable<Uint8Array>, {
    blockSize: blockSizeOf(textOption(options, 'block-size'), size),
    ...(secret !== undefined && { secret: secretOf(secret) }),
  });
  const target = textOption(options, 'pack');
  if (target !== undefined) await writeWhole(target, pack.blocks());
  return { urn: toUrn(pack.capability), blocks: pack.blockCount, size: pack.contentLength };
}

async function decode(urn: string, packPath: string, target: string): Promise<number> {
  const capability = unwrap(fromUrn(urn));
  const { blockSize } = capability;
  const pack = await open(packPath).catch((cause: unknown) => {
    throw new AssayError('E_FILE', { path: packPath, reason: 'it cannot be opened' }, cause);
  });
  try {
    const readBlock = async (index: number): Promise<Uint8Array | undefined> => {
      const block = new Uint8Array(blockSize);
      const { bytesRead } = await pack.read(block, 0, blockSize, index * blockSize);
      return bytesRead === blockSize ? block : undefined;
    };
    const { size } = await pack.stat();
    const index = unwrap(await indexBlocks(blockSize, Math.floor(size / blockSize), readBlock));
    return await writeWhole(target, decodeStream(capability, getFromPack(index, readBlock)));
  } finally {
    await pack.close();
  }
}

function blockSizeOf(text: string | undefined, contentLength: number): BlockSize {
  if (text === undefined) return blockSizeFor(contentLength);
  if (text === '1024') return 1024;
  if (text === '32768') return 32768;
  throw new AssayError('E_USAGE', { problem: `--block-size takes 1024 or 32768, not ${text}` });
}

function secretOf(text: string): Uint8Array {
  const secret = fromHex(text);
  if (!secret.ok || secret.value.length !== SECRET_BYTES) {
    throw new AssayError('E_USAGE', { problem: '--secret takes 64 lower-case hex digits' });
  }
  return secret.value;
}

/** Writes all chunks or leaves nothing. Resolves with the number of bytes. */
async function writeWhole(path: string, chunks: AsyncIterable<Uint8Array>): Promise<number> {
  const temporary = `${path}.${process.pid}.part`;
  const file = await open(temporary, 'w').catch((cause: unknown) => {
    throw new AssayError('E_FILE', { path, reason: 'it cannot be written' }, cause);
  });
  let size = 0;
  try {
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      size += chunk.length;
    }
    await file.close();
    await rename(temporary, path);
    return size;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}
