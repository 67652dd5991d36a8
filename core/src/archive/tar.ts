import { fail, ok, type Result } from '../errors/result.ts';
import { parsePax, type PaxFields } from './pax.ts';
import { fieldText, isZeroBlock, parseTarHeader, TAR_BLOCK, type TarHeader } from './tar-header.ts';
import { TarPaths } from './tar-paths.ts';

/** What an archive holds under one path. */
export interface TarEntry {
  /** Relative, `/` between parts, no `.`, `..` or empty part. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink';
  readonly size: number;
  readonly mode: number;
  /** A view into the archive. */
  readonly bytes: Uint8Array;
  /** Where a link points. It is never followed and not checked. */
  readonly target?: string;
}

/** Most entries of one archive: the largest npm packages have some 40,000 files. */
export const MAX_TAR_ENTRIES = 100_000;

/** Longest pax header or GNU long name. */
const MAX_EXTENSION_BYTES = 64 * 1024;

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

/** pax headers for one entry and for all, GNU long name and long link target. */
const EXTENSIONS = new Set(['x', 'g', 'L', 'K']);

/**
 * Reads a whole tar archive (ustar, pax, GNU long names). Strict: checksums, octal numbers, the zero block at the end and
 * nothing but zeros after it; paths by the rules of `TarPaths`; devices, sparse files and links with content are refused.
 * Total. Takes no memory for contents.
 */
export function readTar(bytes: Uint8Array): Result<TarEntry[]> {
  return new TarReader(bytes).read();
}

class TarReader {
  readonly #bytes: Uint8Array;
  readonly #paths = new TarPaths();
  readonly #entries: TarEntry[] = [];
  #offset = 0;
  /** From extension headers, for the next entry. */
  #pending: PaxFields = {};

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): Result<TarEntry[]> {
    for (;;) {
      const block = this.#bytes.subarray(this.#offset, this.#offset + TAR_BLOCK);
      if (block.length < TAR_BLOCK) return this.#malformed('it ends without its end marker');
      if (isZeroBlock(block)) return this.#end();
      const header = parseTarHeader(block);
      if (typeof header === 'string') return this.#malformed(header);
      const step = this.#take(header);
      if (!step.ok) return step;
    }
  }

  #end(): Result<TarEntry[]> {
    if (Object.keys(this.#pending).length > 0) return this.#malformed('an extension header has no entry');
    const clean = isZeroBlock(this.#bytes.subarray(this.#offset));
    return clean ? ok(this.#entries) : this.#malformed('something follows the end marker');
  }

  #take(header: TarHeader): Result<void> {
    return EXTENSIONS.has(header.type) ? this.#takeExtension(header) : this.#takeEntry(header);
  }

  #takeExtension({ type, size }: TarHeader): Result<void> {
    if (size > MAX_EXTENSION_BYTES) return this.#malformed('an extension header is too long');
    const content = this.#content(size);
    if (content === undefined) return this.#malformed('an extension header is cut off');
    const extended = this.#extend(type, content);
    if (extended.ok) this.#pass(size);
    return extended;
  }

  #takeEntry(header: TarHeader): Result<void> {
    const type = typeOf(header);
    if (type === undefined) return this.#malformed(`an entry of type ${JSON.stringify(header.type)}`);
    // Some writers put the size that the file system reports for a folder; folders have no content.
    const size = type === 'directory' ? 0 : (this.#pending.size ?? header.size);
    const content = this.#content(size);
    if (content === undefined) return this.#malformed('an entry is cut off');
    const added = this.#add(header, type, content);
    if (added.ok) this.#pass(size);
    return added;
  }

  #pass(size: number): void {
    this.#offset += TAR_BLOCK + paddedSize(size);
  }

  /** The content after the header at the current offset, if it is there with its padding. */
  #content(size: number): Uint8Array | undefined {
    const start = this.#offset + TAR_BLOCK;
    return paddedSize(size) <= this.#bytes.length - start
      ? this.#bytes.subarray(start, start + size)
      : undefined;
  }

  #extend(type: string, content: Uint8Array): Result<void> {
    const fields = type === 'L' || type === 'K' ? longName(type, content) : parsePax(content);
    if (typeof fields === 'string') return this.#malformed(fields);
    const keys = Object.keys(fields);
    if (type === 'g') {
      return keys.length === 0 ? ok(undefined) : this.#malformed('a global header names files');
    }
    if (keys.some((key) => Object.hasOwn(this.#pending, key))) {
      return this.#malformed('two extension headers say the same thing');
    }
    this.#pending = { ...this.#pending, ...fields };
    return ok(undefined);
  }

  #add(header: TarHeader, type: TarEntry['type'], bytes: Uint8Array): Result<void> {
    const { path: longPath, linkpath } = this.#pending;
    this.#pending = {};
    const isLink = type === 'symlink' || type === 'hardlink';
    if (isLink && bytes.length > 0) return this.#malformed('a link has content');
    const written = longPath ?? header.name;
    const plain = TarPaths.plain(written);
    if ('reason' in plain) return refusedPath(written, plain.reason);
    const { path } = plain;
    if (path === '') return type === 'directory' ? ok(undefined) : refusedPath(written, 'it is empty');
    const clash = this.#paths.add(path, type === 'directory');
    if (clash !== undefined) return refusedPath(path, clash);
    if (this.#entries.length === MAX_TAR_ENTRIES) return fail('E_TAR_LIMIT', { limit: MAX_TAR_ENTRIES });
    const target = isLink ? { target: linkpath ?? header.target } : {};
    this.#entries.push({ path, type, size: bytes.length, mode: header.mode, bytes, ...target });
    return ok(undefined);
  }

  #malformed(reason: string): Result<never> {
    return fail('E_TAR', { offset: this.#offset, reason });
  }
}

function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}

/** Before ustar, a folder was a file whose name ends in a slash. */
function typeOf({ type, name }: TarHeader): TarEntry['type'] | undefined {
  const found = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined;
  return found === 'file' && name.endsWith('/') ? 'directory' : found;
}

function longName(type: 'L' | 'K', content: Uint8Array): PaxFields | string {
  const name = fieldText(content);
  if (name === undefined) return 'a name is not UTF-8';
  return type === 'L' ? { path: name } : { linkpath: name };
}

/** Longest piece of a refused path that goes into an error. */
const MAX_QUOTED = 120;

function refusedPath(path: string, reason: string): Result<never> {
  return fail('E_TAR_PATH', { path: path.slice(0, MAX_QUOTED), reason });
}
