import { gzipSync } from 'node:zlib';
import { concatBytes, utf8 } from '@assay/core/encoding/bytes.ts';

const RECORD = 512;

/** An npm tarball as `npm pack` makes it: gzip over ustar, everything under `package/`. */
export function npmTarball(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const entries = Object.entries(files).map(([path, content]) =>
    tarFile(`package/${path}`, typeof content === 'string' ? utf8(content) : content),
  );
  return new Uint8Array(gzipSync(concatBytes(...entries, new Uint8Array(2 * RECORD)), { level: 1 }));
}

function tarFile(path: string, content: Uint8Array): Uint8Array {
  const header = new Uint8Array(RECORD);
  const put = (offset: number, text: string): void => header.set(utf8(text), offset);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  put(0, path);
  put(100, `${octal(0o644, 7)}\0`);
  put(108, `${octal(0, 7)}\0`);
  put(116, `${octal(0, 7)}\0`);
  put(124, `${octal(content.length, 11)}\0`);
  put(136, `${octal(0o3560116604, 11)}\0`);
  put(148, ' '.repeat(8));
  put(156, '0');
  put(257, 'ustar\u000000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  const padding = new Uint8Array((RECORD - (content.length % RECORD)) % RECORD);
  return concatBytes(header, content, padding);
}
