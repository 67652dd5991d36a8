import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { LookupRecord } from '../lookup/bundle.ts';
import { decodeRecord } from '../records/codec.ts';
import { formatPurl, packageName, parsePackageInput, parsePurl, type Purl } from '../records/purl.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { LightLog } from './light-log.ts';

/** Versions whose records did not fit into one answer are asked for so many at a time. */
const AT_ONCE = 6;

/** The record of a version, proven by a lookup; undefined when the log is proven to have none. Rejects as LightLog.lookup fails. */
export async function findByLookup(
  light: Pick<LightLog, 'lookup'>,
  purl: string,
  signal?: AbortSignal,
): Promise<CatalogueEntry | undefined> {
  const { event, records } = unwrap(await light.lookup(purl, signal));
  const record = records.find(({ index }) => index === event?.index);
  return record && entryOf(record);
}

/** Every logged version of a package, proven to be complete, the record logged last first. Rejects as LightLog.lookup fails. */
export async function versionsByLookup(
  light: Pick<LightLog, 'lookup'>,
  name: string,
  signal?: AbortSignal,
): Promise<readonly CatalogueEntry[]> {
  const purl = parsePackageInput(name);
  if (!purl.ok || purl.value.version !== undefined) return [];
  const { events, records } = unwrap(await light.lookup(formatPurl(purl.value), signal));
  const known = new Map(records.map((record) => [record.index, entryOf(record)]));
  const missing = events.filter(({ index }) => !known.has(index));
  while (missing.length > 0) {
    const found = await Promise.all(
      missing
        .splice(0, AT_ONCE)
        .map(({ version }) => findByLookup(light, withVersion(purl.value, version), signal)),
    );
    for (const entry of found) if (entry !== undefined) known.set(entry.index, entry);
  }
  return [...known.values()].toSorted((a, b) => b.index - a.index);
}

function withVersion(purl: Purl, version: string): string {
  return formatPurl({ ...purl, version });
}

/** When its batch was made is not part of what a lookup proves. */
function entryOf({ index, bytes }: LookupRecord): CatalogueEntry {
  const record = unwrap(decodeRecord(bytes));
  if (record.kind !== 'artifact-add')
    throw new AssayError('E_RECORD_NOT_PACKAGE', { index, kind: record.kind });
  const purl = unwrap(parsePurl(record.purl));
  return { index, record, name: packageName(purl), version: purl.version ?? '' };
}
