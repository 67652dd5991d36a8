import { concatBytes, utf8 } from '../encoding/bytes.ts';

/** One entry of a hand-made archive. Whatever is not given is as GNU tar would write it for a file. */
export interface TarPiece {
  readonly name: string;
  readonly type?: string;
  readonly content?: Uint8Array | string;
  readonly target?: string;
  readonly prefix?: string;
  readonly magic?: string;
  readonly mode?: string;
  /** The size field as text, where it should not be the content's. */
  readonly size?: string;
  readonly checksum?: string;
}

/** The end of every archive. */
export const END = new Uint8Array(1024);

/** The header and padded content of one entry. */
export function tarPiece(piece: TarPiece): Uint8Array {
  const content =
    typeof piece.content === 'string' ? utf8(piece.content) : (piece.content ?? new Uint8Array());
  const header = new Uint8Array(512);
  const put = (offset: number, text: string) => header.set(utf8(text), offset);
  put(0, piece.name);
  put(100, piece.mode ?? '0000644\0');
  put(124, piece.size ?? `${content.length.toString(8).padStart(11, '0')}\0`);
  put(156, piece.type ?? '0');
  put(157, piece.target ?? '');
  put(257, piece.magic ?? 'ustar\u000000');
  put(345, piece.prefix ?? '');
  put(148, ' '.repeat(8));
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, piece.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `);
  const padding = new Uint8Array((512 - (content.length % 512)) % 512);
  return concatBytes(header, content, padding);
}

/** A whole archive. */
export function makeTar(...pieces: readonly TarPiece[]): Uint8Array {
  return concatBytes(...pieces.map(tarPiece), END);
}

/** A pax header with these records for the entry after it. */
export function paxPiece(records: readonly (readonly [string, string])[], type = 'x'): TarPiece {
  return { name: 'PaxHeader', type, content: records.map(([key, value]) => paxRecord(key, value)).join('') };
}

/** `<length> <key>=<value>\n`, the length counting itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = utf8(rest).length;
  const digits = String(bytes + String(bytes).length).length;
  return `${bytes + digits}${rest}`;
}
