import { fromUtf8 } from '../encoding/bytes.ts';

/** What of a pax header matters for reading: names that ustar has no room for. */
export interface PaxFields {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/** Keys that say where bytes go; all others describe owners, times and comments. */
const MEANINGFUL = new Set(['path', 'linkpath', 'size']);

/** Reads pax records (`<length> <key>=<value>\n`, POSIX.1-2001). Gives what is wrong as a text. */
export function parsePax(bytes: Uint8Array): PaxFields | string {
  const fields = new Map<string, string>();
  let offset = 0;
  while (offset < bytes.length) {
    const length = recordLength(bytes, offset);
    if (length === undefined) return 'a pax record is malformed';
    const record = fromUtf8(bytes.subarray(offset, offset + length));
    if (!record.ok) return 'a pax record is not UTF-8';
    const [, key, value] = /^\d+ ([^=]+)=([^]*)\n$/.exec(record.value) ?? [];
    if (key === undefined || value === undefined) return 'a pax record is malformed';
    if (key.startsWith('GNU.sparse.')) return 'sparse files are not supported';
    if (MEANINGFUL.has(key)) {
      if (fields.has(key)) return 'a pax key comes twice';
      fields.set(key, value);
    }
    offset += length;
  }
  return toFields(fields);
}

/** The length of the record at `offset` as its own first number states it, if that lies inside the data. */
function recordLength(bytes: Uint8Array, offset: number): number | undefined {
  const start = String.fromCharCode(...bytes.subarray(offset, offset + 8));
  const length = Number(/^([1-9]\d{0,6}) /.exec(start)?.[1] ?? Number.NaN);
  return length <= bytes.length - offset ? length : undefined;
}

function toFields(fields: ReadonlyMap<string, string>): PaxFields | string {
  const path = fields.get('path');
  const linkpath = fields.get('linkpath');
  const size = fields.get('size');
  if (size !== undefined && !/^(0|[1-9]\d{0,15})$/.test(size)) return 'a pax size is not a number';
  return {
    ...(path === undefined ? {} : { path }),
    ...(linkpath === undefined ? {} : { linkpath }),
    ...(size === undefined ? {} : { size: Number(size) }),
  };
}
