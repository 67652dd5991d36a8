import { concatBytes } from '../encoding/bytes.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/** A gzip stream of nothing: 10 bytes of header, 2 of deflate, 8 of trailer (RFC 1952). */
const SMALLEST_GZIP = 20;

/** Zero bytes with which a trailer can end by itself: the upper bytes of the length of a content below 256 bytes. */
const MAX_TRAILER_ZEROS = 3;

/**
 * Unpacks one gzip stream through the platform's decompressor and stops as soon as more than `maxBytes` come out. Bytes after
 * the stream, second members among them, are refused, because platforms disagree about them; only zeros may follow, with which
 * early versions of npm filled the last tar block.
 */
export async function gunzip(
  bytes: Uint8Array,
  { maxBytes }: { readonly maxBytes: number },
): Promise<Result<Uint8Array>> {
  let unpacked = await unpack(bytes, maxBytes);
  const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
  for (let zeros = 0; zeros <= MAX_TRAILER_ZEROS && used + zeros < bytes.length; zeros++) {
    if (unpacked.ok || unpacked.error.code !== 'E_GZIP') break;
    unpacked = await unpack(bytes.subarray(0, used + zeros), maxBytes);
  }
  return unpacked;
}

async function unpack(bytes: Uint8Array, maxBytes: number): Promise<Result<Uint8Array>> {
  if (bytes.length < SMALLEST_GZIP) return fail('E_GZIP');
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of decompress(bytes)) {
      length += chunk.length;
      if (length > maxBytes) return fail('E_GZIP_TOO_LARGE', { limit: maxBytes });
      chunks.push(chunk);
    }
  } catch (cause) {
    return fail('E_GZIP', {}, cause);
  }
  return length % 2 ** 32 === trailingLength(bytes) ? ok(concatBytes(...chunks)) : fail('E_GZIP');
}

async function* decompress(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** ISIZE: the unpacked length modulo 2^32 as the last four bytes state it, little-endian. It differs when members are joined. */
function trailingLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(bytes.length - 4, true);
}
