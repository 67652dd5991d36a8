import { unwrap, type Result } from '../errors/result.ts';
import type { TiledLog } from '../log/tiled-log.ts';
import type { LookupKnown } from '../net/sources.ts';
import { packageOf, type PackageEvent, type PackageMap } from '../records/package-map.ts';
import { parsePurl } from '../records/purl.ts';
import { MAX_RECORDS_BYTES, type LookupBundle, type LookupHead, type LookupRecord } from './bundle.ts';

/** A replayed log, its map of packages, and the checkpoint that a quorum signed over exactly them. */
export interface LookupView {
  readonly log: Pick<TiledLog, 'size' | 'entry' | 'inclusionProof' | 'consistencyProof'>;
  readonly packages: PackageMap;
  /** Signed note. */
  readonly checkpoint: Uint8Array;
}

/**
 * The answer to a lookup of a version, or of a package as such: what the map says, the record, and what proves both. Fails with E_PURL…; rejects when the log's store does.
 */
export async function answerLookup(
  view: LookupView,
  purl: string,
  known: LookupKnown = {},
): Promise<Result<LookupBundle>> {
  const parsed = parsePurl(purl);
  if (!parsed.ok) return parsed;
  const { log, packages } = view;
  const { size } = log;
  const id = packageOf(parsed.value);
  const events = packages.events(id);
  const { steps, leaf } = packages.prove(id);
  const { version } = parsed.value;
  const added = events.filter(
    (one) => one.kind === 'artifact-add' && (version === undefined || one.version === version),
  );
  const records = await newestRecords(log, added);
  const head = known.have === size ? undefined : await headOf(view, known.from ?? known.have ?? 0);
  return {
    ok: true,
    value: {
      size,
      steps,
      events,
      records,
      ...(head && { head }),
      ...(events.length === 0 && leaf && { leaf }),
    },
  };
}

/** The entries of these events, the last one first, as many as fit into an answer. */
async function newestRecords(
  log: LookupView['log'],
  events: readonly PackageEvent[],
): Promise<readonly LookupRecord[]> {
  const records: LookupRecord[] = [];
  let size = 0;
  for (const { index } of events.toReversed()) {
    const bytes = unwrap(await log.entry(index));
    size += bytes.length;
    if (size > MAX_RECORDS_BYTES) break;
    records.push({ index, bytes });
  }
  return records;
}

async function headOf({ log, checkpoint }: LookupView, from: number): Promise<LookupHead> {
  const { size } = log;
  const isOlder = Number.isSafeInteger(from) && from > 0 && from < size;
  return {
    checkpoint,
    state: unwrap(await log.entry(size - 1)),
    edge: unwrap(await log.inclusionProof(size - 1, size)),
    ...(isOlder && { consistency: unwrap(await log.consistencyProof(from, size)) }),
  };
}
