import { sha256 } from '../crypto/sha256.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { CompactRange, HASH_BYTES, leafHash } from '../log/merkle.ts';
import type { TrieProof } from '../log/trie-proof.ts';
import { Trie } from '../log/trie.ts';
import { packageName, type Purl } from './purl.ts';
import type { LogRecord } from './types.ts';

const TYPE_PREFIX = 'pkg:npm/';

/** One thing the log says about a package: an entry of the package's own small log. */
export interface PackageEvent {
  /** Number of the record in the log. */
  readonly index: number;
  readonly kind: PackageEventKind;
  readonly version: string;
  /** RFC 6962 leaf hash of the record, 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** The kinds of records that are about one version of one package. */
export type PackageEventKind = 'artifact-add';

/** The fixed parts of what is hashed for every record, as `encodeCbor` writes them. */
const ARRAY_OF_FOUR = Uint8Array.of(0x84);
const KINDS: Readonly<Record<PackageEventKind, Uint8Array>> = { 'artifact-add': encodeCbor('artifact-add') };
const HASH_HEAD = Uint8Array.of(0x58, HASH_BYTES);
const BEFORE_ROOT = concatBytes(Uint8Array.of(0xa2), encodeCbor('root'), HASH_HEAD);
const BEFORE_EVENTS = encodeCbor('events');

/** A package without a version: `npm` and the full name, `@noble/hashes`. */
export interface PackageId {
  readonly type: Purl['type'];
  readonly name: string;
}

/** The key of a package in the map: SHA-256("pkg\0" ‖ type ‖ "\0" ‖ full name). */
export function packageKey({ type, name }: PackageId): Uint8Array {
  return sha256(utf8(`pkg\0${type}\0${name}`));
}

/** The package that a purl is about, whatever its version. */
export function packageOf(purl: Purl): PackageId {
  return { type: purl.type, name: packageName(purl) };
}

/** The entry of a package's log: canonical CBOR of [index, kind, version, leafHash]. */
export function encodePackageEvent({ index, kind, version, leafHash: hash }: PackageEvent): Uint8Array {
  return concatBytes(ARRAY_OF_FOUR, encodeCbor(index), KINDS[kind], encodeCbor(version), HASH_HEAD, hash);
}

/** What a package's key leads to: SHA-256 of the canonical CBOR of {events: how many, root: of the RFC 6962 tree over them}. */
export function packageHead(events: readonly PackageEvent[]): Uint8Array {
  const tree = CompactRange.of();
  for (const event of events) tree.append(leafHash(encodePackageEvent(event)));
  return headOf(tree);
}

/** What `record`, entry `index` of the log, says about which package; undefined when it is about none. */
export function packageEventOf(
  record: LogRecord,
  index: number,
  hash: Uint8Array,
): { readonly package: PackageId; readonly event: PackageEvent } | undefined {
  switch (record.kind) {
    case 'artifact-add':
      return eventAbout(record.purl, { index, kind: record.kind, leafHash: hash });
    default:
      return undefined;
  }
}

/** Package and version of a purl that was found canonical before: such a one has one `@`, and its scope's is written %40. */
function eventAbout(purl: string, event: Omit<PackageEvent, 'version'>) {
  const version = decoded(purl.slice(purl.lastIndexOf('@') + 1));
  return { package: { type: 'npm', name: packageNameIn(purl) } as const, event: { ...event, version } };
}

/** The full name of the package, `@noble/hashes`, in a purl with a version that was found canonical before. */
export function packageNameIn(purl: string): string {
  return decoded(purl.slice(TYPE_PREFIX.length, purl.lastIndexOf('@')));
}

function decoded(part: string): string {
  return part.includes('%') ? decodeURIComponent(part) : part;
}

/**
 * The map from every package to all that the log says about it, whose root every state record carries. Persistent: `add`
 * gives a new map and leaves this one as it was. Adding hashes the name alone; the rest is hashed when a root is asked for.
 */
export class PackageMap {
  /** The map of a log that speaks of no package; its root is 32 zero bytes. */
  static readonly empty = new PackageMap(Trie.empty());

  readonly #trie: Trie<PackageLog>;

  private constructor(trie: Trie<PackageLog>) {
    this.#trie = trie;
  }

  /** Number of packages. */
  get size(): number {
    return this.#trie.size;
  }

  /**
   * The map after one more record, entry `index` of the log, whose RFC 6962 leaf hash is given. Records must come in the
   * order of the log; one that is about no package changes nothing.
   */
  add(record: LogRecord, index: number, hash: Uint8Array): PackageMap {
    const about = packageEventOf(record, index, hash);
    return about === undefined ? this : this.#with(about);
  }

  /** `add` for the record of a package version, of which no more than the canonical purl is at hand. */
  addVersion(purl: string, index: number, hash: Uint8Array): PackageMap {
    return this.#with(eventAbout(purl, { index, kind: 'artifact-add', leafHash: hash }));
  }

  #with(about: { readonly package: PackageId; readonly event: PackageEvent }): PackageMap {
    const key = packageKey(about.package);
    return new PackageMap(this.#trie.set(key, new PackageLog(about.event, this.#trie.get(key))));
  }

  /** What a state record says of the log up to here: 32 bytes. */
  root(): Uint8Array {
    return this.#trie.root();
  }

  /** All the log says about a package, in its order; nothing for one it does not know. */
  events(id: PackageId): readonly PackageEvent[] {
    return this.#trie.get(packageKey(id))?.events() ?? [];
  }

  /** Proof of what the map says about a package, known or not. */
  prove(id: PackageId): TrieProof {
    return this.#trie.prove(packageKey(id));
  }
}

/** The events of one package up to one of them. The trees of earlier ones stay what they were. */
class PackageLog {
  readonly event: PackageEvent;
  readonly before: PackageLog | undefined;
  #tree: CompactRange | undefined;
  #digest: Uint8Array | undefined;

  constructor(event: PackageEvent, before: PackageLog | undefined) {
    this.event = event;
    this.before = before;
  }

  get digest(): Uint8Array {
    // Most packages of a long log have one event, and a tree of one entry is its leaf.
    this.#digest ??= this.before === undefined ? headWith(1, this.#leaf()) : headOf(this.#range());
    return this.#digest;
  }

  events(): PackageEvent[] {
    return upTo(this, () => false).map((log) => log.event);
  }

  #leaf(): Uint8Array {
    return leafHash(encodePackageEvent(this.event));
  }

  /** Builds on the nearest tree that is known: one event at a time, or all at once after a long replay. */
  #range(): CompactRange {
    if (this.#tree !== undefined) return this.#tree;
    const missing = upTo(this, (log) => log.#tree !== undefined);
    const known = missing[0]?.before;
    const tree = known === undefined ? CompactRange.of() : known.#range().clone();
    for (const log of missing) tree.append(log.#leaf());
    this.#tree = tree;
    return tree;
  }
}

/** The logs up to this one, in order; where one fulfils `isKnown`, only those after it. */
function upTo(last: PackageLog, isKnown: (log: PackageLog) => boolean): PackageLog[] {
  const logs: PackageLog[] = [];
  for (let log: PackageLog | undefined = last; log !== undefined && !isKnown(log); log = log.before)
    logs.push(log);
  return logs.toReversed();
}

function headOf(tree: CompactRange): Uint8Array {
  return headWith(tree.size, tree.root());
}

function headWith(events: number, root: Uint8Array): Uint8Array {
  return sha256(BEFORE_ROOT, root, BEFORE_EVENTS, encodeCbor(events));
}
