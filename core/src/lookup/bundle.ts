import { concatBytes } from '../encoding/bytes.ts';
import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  literal,
  optional,
  shape,
  text,
  type ReadBy,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { HASH_BYTES } from '../log/merkle.ts';
import { MAX_NOTE_BYTES } from '../log/note.ts';
import { MAX_PROOF_HASHES } from '../log/proof.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { MAX_TRIE_STEPS, TRIE_KEY_BYTES, type TrieLeaf, type TrieStep } from '../log/trie-proof.ts';
import type { PackageEvent, PackageEventKind } from '../records/package-map.ts';

/** Most events of one package in an answer: several times what the package with the most versions on npm has. */
export const MAX_LOOKUP_EVENTS = 20_000;

/** Largest answer: that many events of some 60 bytes, a checkpoint of 100 authorities, a record and the proofs. */
export const MAX_LOOKUP_BYTES = 2 * 1024 * 1024;

/**
 * Most bytes of records in one answer about a package as such, some 150 of them; any one version can be asked for by name. Each
 * costs whoever answers the reading of an entry bundle, a hundred times as long.
 */
export const MAX_RECORDS_BYTES = 128 * 1024;

/** Longest version text, as of npm. */
const MAX_VERSION_BYTES = 256;

/** What makes a tree head usable for looking things up: the signed note, and the state record that its tree ends with. */
export interface LookupHead {
  /** Signed note of the checkpoint. */
  readonly checkpoint: Uint8Array;
  /** The last entry of the tree, a state record: it carries the root of the map of packages. */
  readonly state: Uint8Array;
  /** Proof that `state` is that entry, from its sibling up. */
  readonly edge: readonly Uint8Array[];
  /** Proof that the tree continues the one the asker has; absent when it named none, or none that is smaller. */
  readonly consistency?: readonly Uint8Array[];
}

/** What the map of packages says of one package. */
export interface PackageLookup {
  /** Branches of the map on the way to the package, root first. */
  readonly steps: readonly TrieStep[];
  /** Where the way ends when the map does not know the package: the leaf of another one, or nothing in an empty map. */
  readonly leaf?: TrieLeaf;
  /** All that the log says of the package, in its order: the complete list, or none. */
  readonly events: readonly PackageEvent[];
}

/** The answer to one lookup, good for a log of `size` entries. */
export interface LookupBundle extends PackageLookup {
  readonly size: number;
  /** Left out when the asker said that it has this very size. */
  readonly head?: LookupHead;
  /** The record of the version asked for; where none was named, those of as many versions as fit, the one logged last first. */
  readonly records: readonly LookupRecord[];
}

/** A log entry and its number. */
export interface LookupRecord {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The kinds of events by their number in an answer. */
const KINDS: readonly PackageEventKind[] = ['artifact-add'];

const hashList: Reader<readonly Uint8Array[]> = (value, path) => {
  const joined = bytes({ maxLength: 2 * MAX_PROOF_HASHES * HASH_BYTES })(value, path);
  return joined.ok ? splitHashes(joined.value) : joined;
};

const readIndex = int({ min: 0 });
const readKind = int({ min: 0, max: KINDS.length - 1 });
const readVersion = text({ maxBytes: MAX_VERSION_BYTES });
const readHash = bytes({ length: HASH_BYTES });

const readEvent: Reader<PackageEvent> = (value, path) => {
  if (!Array.isArray(value) || value.length !== 4) return malformed('an event is not a list of four');
  const [index, kind, version, hash] = value;
  const read = {
    index: readIndex(index, path),
    kind: readKind(kind, path),
    version: readVersion(version, path),
    hash: readHash(hash, path),
  };
  if (!read.index.ok) return read.index;
  if (!read.kind.ok) return read.kind;
  if (!read.version.ok) return read.version;
  if (!read.hash.ok) return read.hash;
  const name = KINDS[read.kind.value];
  if (name === undefined) return malformed('an event of no known kind');
  return ok({ index: read.index.value, kind: name, version: read.version.value, leafHash: read.hash.value });
};

const readBundle = shape({
  v: literal(1),
  size: int({ min: 1 }),
  checkpoint: optional(bytes({ maxLength: MAX_NOTE_BYTES })),
  state: optional(bytes({ maxLength: MAX_ENTRY_BYTES })),
  edge: optional(hashList),
  consistency: optional(hashList),
  depths: bytes({ maxLength: MAX_TRIE_STEPS }),
  path: bytes({ maxLength: MAX_TRIE_STEPS * HASH_BYTES }),
  leaf: optional(bytes({ length: TRIE_KEY_BYTES + HASH_BYTES })),
  events: arrayOf(readEvent, { max: MAX_LOOKUP_EVENTS }),
  records: arrayOf(shape({ index: int({ min: 0 }), bytes: bytes({ maxLength: MAX_ENTRY_BYTES }) }), {
    max: MAX_LOOKUP_EVENTS,
  }),
});

type Wire = ReadBy<typeof readBundle>;

/** Writes an answer. Throws what `decodeLookup` would refuse it for only when it is larger than any honest one. */
export function encodeLookup({ size, head, steps, leaf, events, records }: LookupBundle): Uint8Array {
  const wire: CborMap = {
    v: 1,
    size,
    ...(head && {
      checkpoint: head.checkpoint,
      state: head.state,
      edge: concatBytes(...head.edge),
      ...(head.consistency && { consistency: concatBytes(...head.consistency) }),
    }),
    depths: Uint8Array.from(steps, ({ depth }) => depth),
    path: concatBytes(...steps.map(({ hash }) => hash)),
    ...(leaf && { leaf: concatBytes(leaf.key, leaf.value) }),
    events: events.map(({ index, kind, version, leafHash }) => [
      index,
      KINDS.indexOf(kind),
      version,
      leafHash,
    ]),
    records: records.map((record) => ({ ...record })),
  };
  return encodeCbor(wire);
}

/** Reads an answer. Nothing in it is judged: that is `checkLookup`'s business. Total. */
export function decodeLookup(answer: Uint8Array): Result<LookupBundle> {
  const limits = { maxBytes: MAX_LOOKUP_BYTES, maxItems: 10 * MAX_LOOKUP_EVENTS + 64 };
  const wire = decodeWith(answer, readBundle, limits);
  return wire.ok ? bundleOf(wire.value) : wire;
}

function bundleOf(wire: Wire): Result<LookupBundle> {
  const { size, depths, leaf, events, records } = wire;
  const path = splitHashes(wire.path);
  if (!path.ok) return path;
  if (path.value.length !== depths.length) return malformed('as many depths as hashes');
  const steps = path.value.map((hash, i) => ({ depth: depths[i] ?? 0, hash }));
  const head = headOf(wire);
  if (!head.ok) return head;
  return ok({
    size,
    steps,
    events,
    records,
    ...(head.value && { head: head.value }),
    ...(leaf && { leaf: { key: leaf.slice(0, TRIE_KEY_BYTES), value: leaf.slice(TRIE_KEY_BYTES) } }),
  });
}

function headOf({ checkpoint, state, edge, consistency }: Wire): Result<LookupHead | undefined> {
  if (checkpoint !== undefined && state !== undefined && edge !== undefined)
    return ok({ checkpoint, state, edge, ...(consistency && { consistency }) });
  const isNone = [checkpoint, state, edge, consistency].every((part) => part === undefined);
  return isNone ? ok(undefined) : malformed('only a part of the tree head');
}

/** Hashes that were written one after the other. Fails with E_LOOKUP when the last one is cut off. */
export function splitHashes(joined: Uint8Array): Result<Uint8Array[]> {
  if (joined.length % HASH_BYTES !== 0) return malformed('a hash is cut off');
  const count = joined.length / HASH_BYTES;
  return ok(Array.from({ length: count }, (_, i) => joined.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}

function malformed(reason: string): Result<never> {
  return fail('E_LOOKUP', { reason });
}
