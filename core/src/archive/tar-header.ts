import { fromUtf8 } from '../encoding/bytes.ts';

/** Bytes of a tar block: a header, or a piece of content. */
export const TAR_BLOCK = 512;

/** A header block, decoded but not judged (POSIX.1-1988 ustar; GNU and v7 lay out the same fields). */
export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** One character; NUL and `0` both mean a file. */
  readonly type: string;
  readonly target: string;
}

const CHECKSUM_START = 148;
const CHECKSUM_END = 156;
const SPACE = 0x20;

/** The header in `block`, or what is wrong with it. */
export function parseTarHeader(block: Uint8Array): TarHeader | string {
  if (octal(block.subarray(CHECKSUM_START, CHECKSUM_END)) !== checksum(block))
    return 'the header checksum does not match';
  const size = octal(block.subarray(124, 136));
  const mode = octal(block.subarray(100, 108)) ?? 0;
  if (size === undefined) return 'the size is not an octal number';
  const shortName = fieldText(block.subarray(0, 100));
  const target = fieldText(block.subarray(157, 257));
  const prefix = isPosix(block) ? fieldText(block.subarray(345, 500)) : '';
  if (shortName === undefined || target === undefined || prefix === undefined) return 'a name is not UTF-8';
  const name = prefix === '' ? shortName : `${prefix}/${shortName}`;
  return { name, mode, size, type: String.fromCharCode(block[156] ?? 0), target };
}

/** Whether a block is all zeros, as the blocks at the end of an archive are. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** The text up to the first NUL; undefined when it is not UTF-8. */
export function fieldText(field: Uint8Array): string | undefined {
  const end = field.indexOf(0);
  const text = fromUtf8(end < 0 ? field : field.subarray(0, end));
  return text.ok ? text.value : undefined;
}

/** `ustar`, NUL, `00`: only then is there a prefix field. GNU writes a space and keeps other things there. */
function isPosix(block: Uint8Array): boolean {
  return fieldText(block.subarray(257, 263)) === 'ustar' && fieldText(block.subarray(263, 265)) === '00';
}

/** An octal number with leading spaces and trailing spaces or NULs; undefined for anything else, base-256 included. */
function octal(field: Uint8Array): number | undefined {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(String.fromCharCode(...field))?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 8);
}

/** The sum of all header bytes with the checksum field itself taken as spaces. */
function checksum(block: Uint8Array): number {
  let sum = (CHECKSUM_END - CHECKSUM_START) * SPACE;
  for (let position = 0; position < TAR_BLOCK; position++) {
    if (position < CHECKSUM_START || position >= CHECKSUM_END) sum += block[position] ?? 0;
  }
  return sum;
}
