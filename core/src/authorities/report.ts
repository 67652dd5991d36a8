import { arrayOf, bool, int, optional, shape, text, type ReadBy } from '../encoding/cbor-shape.ts';
import type { CborMap, CborValue } from '../encoding/cbor.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { readAuthorityStatus, type AuthorityStatus } from '../net/status-protocol.ts';

/** Members and candidates that one relay can speak of. */
const MAX_REPORTS = 200;
const MAX_NAME_BYTES = 128;

/** What a relay says of one authority, with what that authority said of itself when it answered. Information, never part of a verdict. */
export interface AuthorityReport {
  readonly name: string;
  /** Whether it answered the relay when it was last asked. */
  readonly reachable: boolean;
  /** Unix seconds by the relay's clock. */
  readonly lastSeen?: number;
  /** Absent for one that does not answer. */
  readonly status?: AuthorityStatus;
}

/** The authorities in a relay's `/status.json`. */
export interface StatusReport {
  readonly reports: readonly AuthorityReport[];
  /** Authorities whose report could not be read, by the name it gives. */
  readonly unreadable: readonly string[];
}

const readHead = shape({
  name: text({ maxBytes: MAX_NAME_BYTES }),
  reachable: bool(),
  index: optional(int({ min: 0 })),
  peerId: optional(text({ maxBytes: MAX_NAME_BYTES })),
  lastSeen: optional(int({ min: 0 })),
});
type Head = ReadBy<typeof readHead>;

const HEAD_FIELDS = new Set(['name', 'reachable', 'index', 'peerId', 'lastSeen']);
const readReports = arrayOf<CborValue>((value) => ok(value), { max: MAX_REPORTS });

/**
 * Reads the authorities out of a decoded `/status.json`; what the relay says of itself is left alone. Total: a report that cannot be
 * read is named and takes no other with it. Fails with `E_SHAPE_…` when there is no list of authorities.
 */
export function readStatusReport(document: CborValue): Result<StatusReport> {
  if (!isMap(document)) return fail('E_SHAPE_TYPE', { path: '$', expected: 'a map' });
  const list = readReports(document['authorities'] ?? null, '$.authorities');
  if (!list.ok) return list;
  const reports: AuthorityReport[] = [];
  const unreadable: string[] = [];
  for (const [position, value] of list.value.entries()) {
    const report = readReport(value, `$.authorities[${position}]`);
    if (report.ok) reports.push(report.value);
    else unreadable.push(nameIn(value) ?? `number ${position}`);
  }
  return ok({ reports, unreadable });
}

/** The relay writes what an authority said of itself and what it knows of it into one map. */
function readReport(value: CborValue, path: string): Result<AuthorityReport> {
  if (!isMap(value)) return fail('E_SHAPE_TYPE', { path, expected: 'a map' });
  const entries = Object.entries(value);
  const head = readHead(Object.fromEntries(entries.filter(([key]) => HEAD_FIELDS.has(key))), path);
  if (!head.ok) return head;
  const told = entries.filter(([key]) => !HEAD_FIELDS.has(key));
  if (told.length === 0) return ok(known(head.value));
  const status = readAuthorityStatus({ name: head.value.name, ...Object.fromEntries(told) }, path);
  return status.ok ? ok({ ...known(head.value), status: status.value }) : status;
}

function known({ name, reachable, lastSeen }: Head): AuthorityReport {
  return { name, reachable, ...(lastSeen !== undefined && { lastSeen }) };
}

function nameIn(value: CborValue): string | undefined {
  const name = isMap(value) ? value['name'] : undefined;
  return typeof name === 'string' && name.length <= MAX_NAME_BYTES ? name : undefined;
}

function isMap(value: CborValue): value is CborMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}
