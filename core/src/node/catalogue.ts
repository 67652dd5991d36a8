import { equalBytes } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { packageName, parsePurl } from '../records/purl.ts';
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

interface Package {
  /** In log order. */
  readonly entries: CatalogueEntry[];
  text: Searchable;
}

/** All package versions of the replayed log, in memory, to be looked up and searched. */
export class Catalogue {
  readonly #byPurl = new Map<string, CatalogueEntry>();
  readonly #packages = new Map<string, Package>();
  readonly #inOrder: CatalogueEntry[] = [];

  /** Takes in whole batches in log order, as the replay gives them. */
  add(records: readonly ReplayedRecord[]): void {
    let batch: { index: number; record: ArtifactAddRecord }[] = [];
    for (const { index, record } of records) {
      if (record.kind === 'artifact-add') batch.push({ index, record });
      if (record.kind !== 'state') continue;
      for (const entry of batch) this.#addEntry(entry.index, entry.record, record.time);
      batch = [];
    }
  }

  /** Logged versions. */
  get size(): number {
    return this.#inOrder.length;
  }

  byPurl(purl: string): CatalogueEntry | undefined {
    return this.#byPurl.get(purl);
  }

  /** Every logged version of a package, the record logged last first. */
  versions(name: string): readonly CatalogueEntry[] {
    return this.#packages.get(name)?.entries.toReversed() ?? [];
  }

  /** The versions logged last, newest first. */
  recent(count: number): readonly CatalogueEntry[] {
    return this.#inOrder.slice(Math.max(0, this.#inOrder.length - count)).toReversed();
  }

  /** Versions that hold a file with this SHA-256, the record logged last first. Looks at every record: some milliseconds for 100,000. */
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
    const exact = this.#byPurl.get(query.trim());
    if (exact !== undefined) return [exact];
    const wanted = splitQuery(query);
    if (wanted.words.length === 0) return [];
    const found: { rank: number; entry: CatalogueEntry }[] = [];
    for (const { entries, text } of this.#packages.values()) {
      const rank = matchRank(text, wanted);
      const entry = entries.at(-1);
      if (rank !== undefined && entry !== undefined) found.push({ rank, entry });
    }
    return found
      .toSorted((a, b) => a.rank - b.rank || b.entry.index - a.entry.index)
      .slice(0, limit)
      .map(({ entry }) => entry);
  }

  #holding(matches: (artifact: Artifact) => boolean): readonly CatalogueEntry[] {
    return this.#inOrder.filter(({ record }) => record.artifacts.some(matches)).toReversed();
  }

  #addEntry(index: number, record: ArtifactAddRecord, time: number): void {
    const purl = unwrap(parsePurl(record.purl));
    const name = packageName(purl);
    const entry: CatalogueEntry = { index, record, name, version: purl.version ?? '', time };
    this.#byPurl.set(record.purl, entry);
    this.#inOrder.push(entry);
    const known = this.#packages.get(name);
    const text = searchable(name, record.about);
    if (known === undefined) this.#packages.set(name, { entries: [entry], text });
    else {
      known.entries.push(entry);
      known.text = text;
    }
  }
}
