import { blockSizeFor, CAPABILITY_BYTES, maxLevel } from '../eris/capability.ts';
import { expectedLevel } from '../eris/tree-shape.ts';
import { unwrap } from '../errors/result.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { decodeRecord } from './codec.ts';
import {
  MAX_ABOUT_BYTES,
  MAX_ARTIFACT_NAME_BYTES,
  MAX_BITMAP_BYTES,
  MAX_MEDIA_TYPE_BYTES,
  MAX_TIME,
} from './limits.ts';
import { MAX_PURL_LENGTH, parsePurl } from './purl.ts';
import { fixedText, RecordScanner, UNUSUAL } from './record-scanner.ts';
import type { About, Artifact, ArtifactAddRecord, Provenance, StateRecord } from './types.ts';

/** An `artifact-add` record that was found to be well-formed without making an object of all its parts. */
export class ScannedAdd implements ArtifactAddRecord {
  readonly kind = 'artifact-add';
  readonly v = 1;
  readonly epoch: number;
  readonly purl: string;
  /** Bytes of the largest artifact. */
  readonly largest: number;
  /** As in `provenance`. */
  readonly builders: Uint8Array;
  readonly #entry: Uint8Array;
  #whole: ArtifactAddRecord | undefined;

  constructor(
    entry: Uint8Array,
    found: { epoch: number; purl: string; largest: number; builders: Uint8Array },
  ) {
    this.#entry = entry;
    this.epoch = found.epoch;
    this.purl = found.purl;
    this.largest = found.largest;
    this.builders = found.builders;
  }

  /** The same record as `decodeRecord` gives it, decoded when first asked for. */
  get whole(): ArtifactAddRecord {
    if (this.#whole !== undefined) return this.#whole;
    const record = unwrap(decodeRecord(this.#entry));
    if (record.kind !== 'artifact-add') throw new TypeError(`a scanned record is a ${record.kind}`);
    this.#whole = record;
    return record;
  }

  get artifacts(): readonly Artifact[] {
    return this.whole.artifacts;
  }

  get about(): About {
    return this.whole.about;
  }

  get provenance(): Provenance {
    return this.whole.provenance;
  }
}

/**
 * Reads the two kinds of entries that logs are made of in a single pass, several times as fast as `decodeRecord`. What it gives,
 * `decodeRecord` gives too; undefined says only that the entry is of another kind, unusual or wrong, and that `decodeRecord` has to judge.
 */
export function scanRecord(entry: Uint8Array): ScannedAdd | StateRecord | undefined {
  if (entry.length > MAX_ENTRY_BYTES) return undefined;
  try {
    const scanner = new RecordScanner(entry);
    if (scanner.skipIf(ADD_START)) return scanAdd(scanner);
    return scanner.skipIf(STATE_START) ? scanState(scanner) : undefined;
  } catch (error) {
    if (error === UNUSUAL) return undefined;
    throw error;
  }
}

const HASH_BYTES = 32;
/** `sha512-`, 86 characters of base64 and two of padding. */
const INTEGRITY_SYMBOLS = { first: 7, end: 93 } as const;

const map = (entries: number): number => 0xa0 | entries;
const fixed = (...parts: readonly (number | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flat());

const ADD_START = fixed(
  map(7),
  fixedText('v'),
  1,
  fixedText('kind'),
  fixedText('artifact-add'),
  fixedText('purl'),
);
const ABOUT = fixed(fixedText('about'));
const EPOCH = fixed(fixedText('epoch'));
const ARTIFACTS = fixed(fixedText('artifacts'), 0x81, map(5), fixedText('eris'));
const NAME = fixed(fixedText('name'));
const SIZE = fixed(fixedText('size'));
const SHA256 = fixed(fixedText('sha256'));
const MEDIA_TYPE = fixed(fixedText('mediaType'));
const GZIP = fixed(fixedText('application/gzip'));
const PROVENANCE = fixed(
  [
    fixedText('provenance'),
    map(4),
    fixedText('method'),
    fixedText('mirrored'),
    fixedText('source'),
    map(2),
  ].flat(),
  [fixedText('registry'), fixedText('npm'), fixedText('integrity'), 0x78, 95].flat(),
);
const INTEGRITY_START = fixed(fixedText('sha512-').slice(1));
const BUILDERS = fixed(fixedText('builders'));
const EVIDENCE = fixed(fixedText('evidence'));
/** The fields of `about` in canonical order, and what each holds. */
const ABOUT_FIELDS = (
  [
    ['authors', 'list'],
    ['license', 'text'],
    ['homepage', 'text'],
    ['keywords', 'list'],
    ['repository', 'text'],
    ['description', 'text'],
    ['dependencies', 'map'],
  ] as const
).map(([name, holds]) => ({ key: fixed(fixedText(name)), holds }));

const STATE_START = fixed(
  map(9),
  fixedText('v'),
  1,
  fixedText('kind'),
  fixedText('state'),
  fixedText('time'),
);
const HEIGHT = fixed(fixedText('height'));
const MAP_ROOT = fixed(fixedText('mapRoot'));
const SET_HASH = fixed(fixedText('setHash'));
const PREV_SIZE = fixed(fixedText('prevSize'));
const RECORD_COUNT = fixed(fixedText('recordCount'));

function scanAdd(scanner: RecordScanner): ScannedAdd {
  const purl = scanPurl(scanner);
  scanner.expect(ABOUT);
  scanAbout(scanner);
  scanner.expect(EPOCH);
  const epoch = scanner.uint(1);
  scanner.expect(ARTIFACTS);
  const largest = scanArtifact(scanner);
  scanner.expect(PROVENANCE);
  scanIntegrity(scanner);
  scanner.expect(BUILDERS);
  const builders = scanner.byteString(0, MAX_BITMAP_BYTES);
  scanner.expect(EVIDENCE);
  scanner.byteString(HASH_BYTES, HASH_BYTES);
  scanner.end();
  return new ScannedAdd(scanner.bytes, { epoch, purl, largest, builders });
}

function scanState(scanner: RecordScanner): StateRecord {
  const time = scanner.uint(0, MAX_TIME);
  scanner.expect(EPOCH);
  const epoch = scanner.uint(1);
  scanner.expect(HEIGHT);
  const height = scanner.uint(0);
  scanner.expect(MAP_ROOT);
  const mapRoot = scanner.byteString(HASH_BYTES, HASH_BYTES).slice();
  scanner.expect(SET_HASH);
  const setHash = scanner.byteString(HASH_BYTES, HASH_BYTES).slice();
  scanner.expect(PREV_SIZE);
  const prevSize = scanner.uint(0);
  scanner.expect(RECORD_COUNT);
  const recordCount = scanner.uint(1);
  scanner.end();
  return { kind: 'state', v: 1, epoch, height, time, prevSize, mapRoot, setHash, recordCount };
}

/** Names and versions of the usual characters, none of which a purl encodes, and shorter than any limit. */
const PLAIN_PURL =
  /^pkg:npm\/(?:%40[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*@(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})\.(?:0|[1-9]\d{0,14})$/;
const PLAIN_PURL_LENGTH = 200;
/** Parts of names that npm refuses. */
const RESERVED = /node_modules|favicon\.ico/i;

function scanPurl(scanner: RecordScanner): string {
  const purl = scanner.textOf(scanner.ascii(MAX_PURL_LENGTH));
  if (purl.length <= PLAIN_PURL_LENGTH && PLAIN_PURL.test(purl) && !RESERVED.test(purl)) return purl;
  const parsed = parsePurl(purl);
  if (!parsed.ok || parsed.value.version === undefined) throw UNUSUAL;
  return purl;
}

/** Canonical bytes have one length: it is the encoded size that the limit is about. */
function scanAbout(scanner: RecordScanner): void {
  const start = scanner.at;
  let rest = scanner.head(0xa0);
  for (const { key, holds } of ABOUT_FIELDS) {
    if (rest === 0 || !scanner.skipIf(key)) continue;
    rest -= 1;
    if (holds === 'text') scanner.skipText();
    else if (holds === 'list') for (let left = scanner.head(0x80); left > 0; left--) scanner.skipText();
    else scanTextMap(scanner);
  }
  if (rest > 0 || scanner.at - start > MAX_ABOUT_BYTES) throw UNUSUAL;
}

/** A map from texts to texts; the keys are in bytewise order of their encodings, and differ. */
function scanTextMap(scanner: RecordScanner): void {
  let previous: Uint8Array | undefined;
  for (let left = scanner.head(0xa0); left > 0; left--) {
    const start = scanner.at;
    scanner.skipText();
    const key = scanner.bytes.subarray(start, scanner.at);
    if (previous !== undefined && !isBefore(previous, key)) throw UNUSUAL;
    previous = key;
    scanner.skipText();
  }
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return a.length < b.length;
}

/** The artifact of a record that has one; gives its size. */
function scanArtifact(scanner: RecordScanner): number {
  const [sizeCode, level] = scanner.byteString(CAPABILITY_BYTES, CAPABILITY_BYTES);
  scanner.expect(NAME);
  checkFileName(scanner.ascii(MAX_ARTIFACT_NAME_BYTES));
  scanner.expect(SIZE);
  const size = scanner.uint(0);
  scanner.expect(SHA256);
  scanner.byteString(HASH_BYTES, HASH_BYTES);
  scanner.expect(MEDIA_TYPE);
  if (!scanner.skipIf(GZIP)) checkMediaType(scanner.textOf(scanner.ascii(MAX_MEDIA_TYPE_BYTES)));
  const blockSize = blockSizeFor(size);
  const isFit = sizeCode === Math.log2(blockSize) && level === expectedLevel(size, blockSize);
  if (!isFit || level > maxLevel(blockSize)) throw UNUSUAL;
  return size;
}

/** Usual file names begin with a letter or digit and hold nothing but `A-Z a-z 0-9 . - _`. */
function checkFileName(name: Uint8Array): void {
  const first = name[0] ?? 0;
  if (name.length === 0 || !isAlphanumeric(first)) throw UNUSUAL;
  for (let i = 1; i < name.length; i++) {
    const byte = name[i] ?? 0;
    if (!isAlphanumeric(byte) && byte !== 0x2d && byte !== 0x2e && byte !== 0x5f) throw UNUSUAL;
  }
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a);
}

function checkMediaType(mediaType: string): void {
  if (!/^[a-z0-9]+\/[a-z0-9.+-]+$/.test(mediaType) || !/^[a-z0-9]/.test(mediaType.split('/')[1] ?? ''))
    throw UNUSUAL;
}

/** The characters of base64 by code; and those that the last one can be: its four spare bits are zero. */
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const BASE64_LAST = tableOf('AQgw');

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const char of characters) table[char.charCodeAt(0)] = 1;
  return table;
}

/** The text of 95 bytes whose head was read: `sha512-` and canonical base64 of 64 bytes. */
function scanIntegrity(scanner: RecordScanner): void {
  const { bytes, at } = scanner;
  scanner.expect(INTEGRITY_START);
  const last = at + INTEGRITY_SYMBOLS.end - 1;
  let symbols = 1;
  for (let i = at + INTEGRITY_SYMBOLS.first; i < last; i++) symbols &= BASE64[bytes[i] ?? 0] ?? 0;
  const isPadded = bytes[last + 1] === 0x3d && bytes[last + 2] === 0x3d;
  if (symbols === 0 || BASE64_LAST[bytes[last] ?? 0] === 0 || !isPadded) throw UNUSUAL;
  scanner.at = last + 3;
}
