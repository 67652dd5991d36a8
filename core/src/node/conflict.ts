import type { Breathe } from '../breath.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { verifyConsistency } from '../log/merkle.ts';
import { faultTolerance } from '../log/quorum.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource } from '../net/sources.ts';
import { setForSize } from '../records/network.ts';
import type { NetworkTrust } from '../records/types.ts';
import { readCheckpoint } from '../verify/check-log.ts';
import type { CommonHistory, ConflictProof } from '../verify/types.ts';
import { asStore, AuthenticLog, type TreeHead } from './authentic-log.ts';
import type { SignedHead } from './closing-head.ts';
import { forkPoint } from './fork-point.ts';
import type { Anchor, Conflict } from './stores.ts';

/** One of two histories, and who can show it. */
export interface ShownHistory {
  readonly head: TreeHead;
  readonly sources: readonly LogSource[];
}

/** Two heads that cannot both be true. */
export interface Contradiction {
  readonly first: SignedHead;
  readonly second: SignedHead;
  /** Who shows the history of the second. */
  readonly sources: readonly LogSource[];
}

/** The anchor that keeps a contradiction: the one that was known, or on first sight the first of the two heads. */
export async function stoppedAnchor(
  { first, second, sources }: Contradiction,
  known: Anchor | undefined,
  ports: {
    readonly ours: readonly LogSource[];
    readonly breathe: Breathe;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Anchor & { readonly conflict: Conflict }> {
  const { ours, breathe, signal } = ports;
  const theirs = { head: second, sources };
  const proof = known && (await traceConflict({ head: known, sources: ours }, theirs, breathe, signal));
  const signers = doubleSigners(first, second);
  const at = known ?? { size: first.size, root: first.root, checkpoint: first.note };
  return { ...at, conflict: { first: first.note, second: second.note, signers, ...(proof && { proof }) } };
}

/**
 * Who broke the rules, at least f + 1 of them: those who signed both heads, where one set of authorities did; otherwise all
 * who signed the later one, which leaves out what their epoch began with.
 */
export function doubleSigners(first: SignedHead, second: SignedHead): readonly string[] {
  if (first.epoch === second.epoch) return first.signers.filter((name) => second.signers.includes(name));
  return (first.epoch > second.epoch ? first : second).signers;
}

/**
 * Shows where two signed histories part, with proofs that anybody can check without either log. Undefined when no pair of sources
 * shows it, or when one history contains the other. Rejects only with `E_ABORTED`.
 */
export async function traceConflict(
  ours: ShownHistory,
  theirs: ShownHistory,
  breathe: Breathe,
  signal?: AbortSignal,
): Promise<ConflictProof | undefined> {
  for (const first of ours.sources) {
    for (const second of theirs.sources) {
      try {
        return await trace(
          { head: ours.head, source: first },
          { head: theirs.head, source: second },
          breathe,
        );
      } catch {
        throwIfAborted(signal);
      }
    }
  }
  return undefined;
}

interface Side {
  readonly head: TreeHead;
  readonly source: LogSource;
}

async function trace(ours: Side, theirs: Side, breathe: Breathe): Promise<ConflictProof> {
  const [a, b] = [await openSide(ours), await openSide(theirs)];
  const [smaller, larger] = b.size <= a.size ? [theirs.head, a] : [ours.head, b];
  const root = unwrap(await larger.rootAt(smaller.size));
  const consistency = unwrap(await larger.consistencyProof(smaller.size, larger.size));
  unwrap(verifyConsistency(smaller.size, larger.size, root, larger.root(), consistency));
  const size = await forkPoint(authentic(ours, breathe), authentic(theirs, breathe));
  if (size === 0) return { root, consistency };
  return { root, consistency, common: await commonOf(a, b, size) };
}

async function commonOf(a: TiledLog, b: TiledLog, size: number): Promise<CommonHistory> {
  const root = unwrap(await a.rootAt(size));
  const ours = unwrap(await a.consistencyProof(size, a.size));
  const theirs = unwrap(await b.consistencyProof(size, b.size));
  unwrap(verifyConsistency(size, a.size, root, a.root(), ours));
  unwrap(verifyConsistency(size, b.size, root, b.root(), theirs));
  return { size, root, ours, theirs };
}

async function openSide({ head, source }: Side): Promise<TiledLog> {
  return unwrap(await TiledLog.open(asStore(source), head.size, { verifyRoot: head.root }));
}

function authentic({ head, source }: Side, breathe: Breathe): AuthenticLog {
  return new AuthenticLog({
    head,
    sources: [source],
    staged: asStore(source),
    onRefused: () => undefined,
    breathe,
  });
}

/** The error of a node that has stopped at this anchor because it is contradicted. */
export function forkError(trust: NetworkTrust, { size, checkpoint, conflict }: Anchor): AssayError {
  const { first, second, signers = [], proof } = conflict ?? { first: checkpoint, second: checkpoint };
  const f = faultTolerance(setForSize(trust, size).authorities.length);
  const common = proof?.common?.size;
  return new AssayError('E_FORK', {
    first: sizeOf(first),
    second: sizeOf(second),
    faulty: Math.max(signers.length, f + 1),
    names: signers.length === 0 ? 'their names are in both notes' : signers.join(', '),
    usable:
      common === undefined
        ? 'It is not known yet where the two histories part'
        : `The first ${common} entries are in both histories and stay usable`,
  });
}

/** Size that a signed note names, or 0 where it cannot be read. */
function sizeOf(note: Uint8Array): number {
  const checkpoint = readCheckpoint(note);
  return checkpoint.ok ? checkpoint.value.size : 0;
}
