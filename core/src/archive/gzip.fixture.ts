import { concatBytes, utf8 } from '../encoding/bytes.ts';

/** Packs bytes with the platform's compressor. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  return new Uint8Array(await new Response(source.pipeThrough(new CompressionStream('gzip'))).arrayBuffer());
}

/** Streams that every platform must refuse alike, by what is wrong with them. */
export async function brokenStreams(): Promise<readonly (readonly [string, Uint8Array])[]> {
  const whole = await gzip(utf8('some text, some text, some text'));
  return [
    ['nothing', new Uint8Array()],
    ['no gzip', new Uint8Array(40)],
    ['a stream cut short', whole.subarray(0, whole.length - 9)],
    ['a trailer cut short', whole.subarray(0, whole.length - 1)],
    ['a byte appended', concatBytes(whole, Uint8Array.of(1))],
    ['a second member', concatBytes(whole, await gzip(utf8('more')))],
    ['a wrong checksum', whole.with(whole.length - 8, (whole.at(-8) ?? 0) ^ 1)],
  ];
}

/** Whole streams with zeros behind them, as early versions of npm filled the last block. */
export async function filledStreams(): Promise<readonly Uint8Array[]> {
  const contents = [utf8('some text'), new Uint8Array(256), new Uint8Array(65_536)];
  const packed = await Promise.all(contents.map(gzip));
  return packed.map((stream) => concatBytes(stream, new Uint8Array(512 - (stream.length % 512))));
}
