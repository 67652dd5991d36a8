import type { Clock } from '../clock.ts';
import { sha256 } from '../crypto/sha256.ts';
import { equalBytes } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { parseCheckpointBody } from '../log/checkpoint.ts';
import type { LogStore } from '../log/log-store.ts';
import { parseNote } from '../log/note.ts';
import { withDeadline } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { readCheckpoint } from '../verify/check-log.ts';
import type { Evidence } from '../verify/types.ts';
import type { LogSync, SyncState } from './log-sync.ts';

/** Longest wait for one source's evidence bundle. */
const TIMEOUT_MS = 10_000;

/** The parts of an evidence that come from the log: record, proofs, checkpoint, history. Purl and trust are the caller's. */
export type LogEvidence = Omit<Evidence, 'trust' | 'purl' | 'agreement' | 'artifact'>;

/** Gathers what the replayed log says of a version. Where no checkpoint was ever accepted, it is the refused one that is shown. */
export async function logEvidence(
  sync: Pick<LogSync, 'log' | 'state' | 'indexOf'>,
  purl: string,
): Promise<LogEvidence> {
  // All three at once: while proofs are made, the log may grow, and a record beyond it is none of this checkpoint.
  const { log, state } = sync;
  const index = sync.indexOf(purl);
  const { anchor } = state;
  if (anchor === undefined || log.size !== anchor.size) {
    const note = anchor?.checkpoint ?? state.refused.find((refused) => refused.note !== undefined)?.note;
    return note === undefined ? {} : { checkpoint: note };
  }
  const history = { checkpoint: anchor.checkpoint, ...(await historyEvidence(log, state)) };
  if (index === undefined) return { ...history, absence: { size: log.size, root: log.root() } };
  return {
    ...history,
    entry: { index, bytes: unwrap(await log.entry(index)) },
    inclusion: unwrap(await log.inclusionProof(index, log.size)),
  };
}

/**
 * This node's own tree head, as the history that a checkpoint from elsewhere has to fit into. Nothing where the node knows less than the
 * checkpoint covers.
 */
export async function ownHistory(
  { log, state }: Pick<LogSync, 'log' | 'state'>,
  note: Uint8Array | undefined,
): Promise<Pick<Evidence, 'previous'>> {
  const claimed = note && readCheckpoint(note);
  if (claimed?.ok !== true || log.size !== state.anchor?.size) return {};
  const consistency = await log.consistencyProof(claimed.value.size, log.size);
  return consistency.ok
    ? { previous: { size: log.size, root: log.root(), consistency: consistency.value } }
    : {};
}

async function historyEvidence(
  log: LogSync['log'],
  { anchor, previous }: SyncState,
): Promise<Pick<Evidence, 'previous' | 'conflicts'>> {
  if (anchor?.conflict !== undefined) {
    const { second, proof } = anchor.conflict;
    if (proof !== undefined) return { conflicts: [{ checkpoint: second, ...proof }] };
    const { size, root } = unwrap(parseCheckpointBody(unwrap(parseNote(second)).text));
    // A larger contradicting tree cannot be connected with this one: as a head seen before, it fails the history.
    if (size > log.size) return { previous: { size, root, consistency: [] } };
    const consistency = unwrap(await log.consistencyProof(size, log.size));
    return { conflicts: [{ checkpoint: second, root: unwrap(await log.rootAt(size)), consistency }] };
  }
  if (previous === undefined) return {};
  const consistency = unwrap(await log.consistencyProof(previous.size, log.size));
  return { previous: { ...previous, consistency } };
}

/** The evidence bundle with this SHA-256, from the store or else from whichever source has it; undefined when nobody does. */
export async function agreementEvidence(
  digest: Uint8Array,
  ports: { readonly store: LogStore; readonly sources: readonly LogSource[]; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const path = `evidence/${toHex(digest)}`;
  const stored = await ports.store.read(path);
  if (stored !== undefined && equalBytes(sha256(stored), digest)) return stored;
  for (const source of ports.sources) {
    if (signal?.aborted === true) return undefined;
    try {
      const bundle = await withDeadline(ports.clock, TIMEOUT_MS, signal, (inner) => source.read(path, inner));
      if (!equalBytes(sha256(bundle), digest)) continue;
      await ports.store.write(new Map([[path, bundle]]));
      return bundle;
    } catch {
      // This source does not have it; the next may.
    }
  }
  return undefined;
}
