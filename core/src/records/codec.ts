import { encodeCbor, type CborMap } from '../encoding/cbor.ts';
import { bytes, decodeWith, int, literal, shape, variant, type Reader } from '../encoding/cbor-shape.ts';
import { AssayError } from '../errors/assay-error.ts';
import type { Result } from '../errors/result.ts';
import { MAX_ENTRY_BYTES } from '../log/tile.ts';
import { artifactAddToCbor, readArtifactAdd } from './artifact-add.ts';
import { genesisToCbor, readGenesis } from './genesis.ts';
import { MAX_TIME } from './limits.ts';
import {
  authorityAddToCbor,
  handoffToCbor,
  readAuthorityAdd,
  readAuthorityRemove,
  readEquivocation,
  readHandoff,
} from './membership-records.ts';
import type { LogRecord, StateRecord } from './types.ts';

const HASH_BYTES = 32;

const readState: Reader<StateRecord> = shape({
  kind: literal('state'),
  v: literal(1),
  epoch: int({ min: 1 }),
  height: int({ min: 0 }),
  time: int({ min: 0, max: MAX_TIME }),
  prevSize: int({ min: 0 }),
  mapRoot: bytes({ length: HASH_BYTES }),
  setHash: bytes({ length: HASH_BYTES }),
  recordCount: int({ min: 1 }),
});

const readRecord = variant('kind', {
  genesis: readGenesis,
  'artifact-add': readArtifactAdd,
  'authority-add': readAuthorityAdd,
  'authority-remove': readAuthorityRemove,
  equivocation: readEquivocation,
  'epoch-handoff': readHandoff,
  state: readState,
});

/** The canonical bytes of a record: a log entry. Throws `E_RECORD_TOO_LARGE` when they do not fit into one. */
export function encodeRecord(record: LogRecord): Uint8Array {
  const entry = encodeCbor(recordToCbor(record));
  if (entry.length > MAX_ENTRY_BYTES) {
    throw new AssayError('E_RECORD_TOO_LARGE', { size: entry.length, limit: MAX_ENTRY_BYTES });
  }
  return entry;
}

/**
 * Reads a log entry. Total: besides its form, everything that can be judged from the record alone is checked (names, limits,
 * capability against size). What depends on the log before it is `LogState`'s business.
 */
export function decodeRecord(entry: Uint8Array): Result<LogRecord> {
  return decodeWith(entry, readRecord, { maxBytes: MAX_ENTRY_BYTES });
}

function recordToCbor(record: LogRecord): CborMap {
  switch (record.kind) {
    case 'genesis':
      return genesisToCbor(record);
    case 'artifact-add':
      return artifactAddToCbor(record);
    case 'authority-add':
      return authorityAddToCbor(record);
    case 'epoch-handoff':
      return handoffToCbor(record);
    case 'authority-remove':
    case 'equivocation':
    case 'state':
      return { ...record };
  }
}
