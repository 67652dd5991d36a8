import type { Breathe } from '../breath.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { TiledLog } from '../log/tiled-log.ts';
import { decodeRecord } from '../records/codec.ts';
import type { EquivocationRecord, MembershipRecord, NetworkTrust } from '../records/types.ts';

/** A record about the authorities themselves, and where in the log it is. */
export interface LoggedChange {
  readonly index: number;
  readonly record: EquivocationRecord | MembershipRecord;
}

const kinds = ['equivocation', 'authority-add', 'authority-remove'] as const;
/** How the entries of these kinds begin after their first byte: canonical CBOR puts short keys first. */
const marks = kinds.map((kind) => encodeCbor({ v: 1, kind }).subarray(1));

/** Finds what a replayed log says about its authorities. Looks at every entry once, and later only at new ones. */
export class MembershipScan {
  #log: TiledLog | undefined;
  #scanned = 0;
  #found: LoggedChange[] = [];
  #running: Promise<unknown> = Promise.resolve();

  /** All equivocations, additions and removals in the log as it is now, oldest first. */
  of(log: TiledLog, breathe: Breathe): Promise<readonly LoggedChange[]> {
    const scan = this.#running.then(() => this.#scan(log, breathe));
    this.#running = scan.catch(() => undefined);
    return scan;
  }

  async #scan(log: TiledLog, breathe: Breathe): Promise<readonly LoggedChange[]> {
    if (log !== this.#log || log.size < this.#scanned) {
      this.#log = log;
      this.#scanned = 0;
      this.#found = [];
    }
    for await (const { index, bytes } of log.entries(this.#scanned, log.size)) {
      this.#scanned = index + 1;
      await breathe();
      if (marks.some((mark) => beginsWith(bytes, mark))) this.#note(index, bytes);
    }
    return [...this.#found];
  }

  #note(index: number, bytes: Uint8Array): void {
    const record = decodeRecord(bytes);
    if (!record.ok) return;
    switch (record.value.kind) {
      case 'equivocation':
      case 'authority-add':
      case 'authority-remove':
        this.#found.push({ index, record: record.value });
        return;
      default:
    }
  }
}

/** The name of the authority that a record is about. */
export function subjectOf(record: LoggedChange['record']): string {
  return record.kind === 'authority-add' ? record.authority.name : record.name;
}

/** Members of the newest set that were proven to have equivocated since they last joined: they leave when the epoch ends. */
export function suspendedMembers(
  { current }: NetworkTrust,
  changes: readonly LoggedChange[],
): readonly string[] {
  return current.authorities
    .map(({ name }) => name)
    .filter(
      (name) => changes.findLast(({ record }) => subjectOf(record) === name)?.record.kind === 'equivocation',
    );
}

function beginsWith(entry: Uint8Array, mark: Uint8Array): boolean {
  for (let position = 0; position < mark.length; position++) {
    if (entry[position + 1] !== mark[position]) return false;
  }
  return true;
}
