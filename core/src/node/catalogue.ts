import { equalBytes } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { packageNameIn } from '../records/package-map.ts';
import { parsePurl } from '../records/purl.ts';
import { ScannedAdd } from '../records/scan-record.ts';
import type { Artifact, ArtifactAddRecord } from '../records/types.ts';
import { matchRank, searchable, splitQuery, type Searchable } from './search-rank.ts';
import type { ReplayedRecord } from './replay.ts';

/** One logged package version. */
export interface CatalogueEntry {
  readonly index: number;
  readonly record: ArtifactAddRecord;
  /** The package's name as its ecosystem writes it. */
  readonly name: string;
  readonly version: string;
  /** Unix seconds of the batch that holds the record; absent where that was not replayed. */
  readonly time?: number;
}

/** One logged version as it is kept: its record is decoded as a whole when somebody asks for it. */
class Slot {
  readonly index: number;
  readonly record: ArtifactAddRecord;
  readonly name: string;
  readonly time: number;
  #entry: CatalogueEntry | undefined;

  constructor(index: number, record: ArtifactAddRecord, time: number) {
    this.index = index;
    this.record = record;
    this.name = packageNameIn(record.purl);
    this.time = time;
  }

  get entry(): CatalogueEntry {
    if (this.#entry !== undefined) return this.#entry;
    const { index, record, name, time } = this;
    const version = unwrap(parsePurl(record.purl)).version ?? '';
    const whole = record instanceof ScannedAdd ? record.whole : record;
    this.#entry = { index, record: whole, name, version, time };
    return this.#entry;
  }
}

/** The versions of one package. */
class Package {
  /** In log order. */
  readonly slots: Slot[] = [];
  #text: Searchable | undefined;

  add(slot: Slot): void {
    this.slots.push(slot);
    this.#text = undefined;
  }

  /** What is searched: the texts of the version logged last. */
  get text(): Searchable {
    const last = this.slots.at(-1);
    return (this.#text ??= searchable(last?.name ?? '', last?.record.about ?? {}));
  }
}

/** All package versions of the replayed log, in memory, to be looked up and searched. */
export class Catalogue {
  readonly #byPurl = new Map<string, Slot>();
  readonly #packages = new Map<string, Package>();
  readonly #inOrder: Slot[] = [];

  /** Takes in whole batches in log order, as the replay gives them. */
  add(records: readonly ReplayedRecord[]): void {
    let batch: { index: number; record: ArtifactAddRecord }[] = [];
    for (const { index, record } of records) {
      if (record.kind === 'artifact-add') batch.push({ index, record });
      if (record.kind !== 'state') continue;
      for (const entry of batch) this.#addSlot(new Slot(entry.index, entry.record, record.time));
      batch = [];
    }
  }

  /** Logged versions. */
  get size(): number {
    return this.#inOrder.length;
  }

  byPurl(purl: string): CatalogueEntry | undefined {
    return this.#byPurl.get(purl)?.entry;
  }

  /** Every logged version of a package, the record logged last first. */
  versions(name: string): readonly CatalogueEntry[] {
    return entriesOf(this.#packages.get(name)?.slots.toReversed() ?? []);
  }

  /** The versions logged last, newest first. */
  recent(count: number): readonly CatalogueEntry[] {
    return entriesOf(this.#inOrder.slice(Math.max(0, this.#inOrder.length - count)).toReversed());
  }

  /**
   * Versions that hold a file with this SHA-256, the record logged last first. Looks at every record: some milliseconds for 100,000,
   * but the first time as long as it takes to decode them.
   */
  byDigest(sha256: Uint8Array): readonly CatalogueEntry[] {
    return this.#holding((artifact) => equalBytes(artifact.sha256, sha256));
  }

  /** Versions that hold a file of this name, whatever its bytes, the record logged last first. */
  byFileName(name: string): readonly CatalogueEntry[] {
    return this.#holding((artifact) => artifact.name === name);
  }

  /**
   * The newest logged version of each package that matches every word of the query. First those of exactly this name, then names that
   * begin with the query, names and keywords that hold words beginning with it, then descriptions; in each class the newest first.
   */
  search(query: string, limit: number): readonly CatalogueEntry[] {
    const exact = this.byPurl(query.trim());
    if (exact !== undefined) return [exact];
    const wanted = splitQuery(query);
    if (wanted.words.length === 0) return [];
    const found: { rank: number; slot: Slot }[] = [];
    for (const { slots, text } of this.#packages.values()) {
      const rank = matchRank(text, wanted);
      const slot = slots.at(-1);
      if (rank !== undefined && slot !== undefined) found.push({ rank, slot });
    }
    const ranked = found.toSorted((a, b) => a.rank - b.rank || b.slot.index - a.slot.index);
    return entriesOf(ranked.slice(0, limit).map(({ slot }) => slot));
  }

  #holding(matches: (artifact: Artifact) => boolean): readonly CatalogueEntry[] {
    return entriesOf(this.#inOrder.filter(({ record }) => record.artifacts.some(matches)).toReversed());
  }

  #addSlot(slot: Slot): void {
    this.#byPurl.set(slot.record.purl, slot);
    this.#inOrder.push(slot);
    const known = this.#packages.get(slot.name);
    if (known !== undefined) return known.add(slot);
    const added = new Package();
    added.add(slot);
    this.#packages.set(slot.name, added);
  }
}

function entriesOf(slots: readonly Slot[]): readonly CatalogueEntry[] {
  return slots.map(({ entry }) => entry);
}
