import { equalBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { CHECKPOINT_PATH, type LogStore } from '../log/log-store.ts';
import type { VerifiedCheckpoint } from '../log/policy.ts';
import { TILE_WIDTH } from '../log/tile.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { AuthenticLog, HashedEntries } from './authentic-log.ts';
import type { Replay } from './replay.ts';

/** Bundles that are fetched at the same time; each is at most 16 MiB and usually 100 kB. */
const BUNDLES_AHEAD = 4;

/** Entries that are written at a time, unless they are the last: a durable write costs about as much as checking a bundle. */
const ENTRIES_PER_WRITE = 4 * TILE_WIDTH;

/**
 * Extends the stored log of `from` entries up to a checkpoint: fetches and replays bundle by bundle, stores some bundles at a time,
 * and writes the checkpoint together with the last. What was stored before a failure is looked at again by the next attempt. Throws the
 * AssayError of whatever is wrong; the log of `from` entries stays as it was.
 */
export async function growLog(
  from: number,
  checkpoint: VerifiedCheckpoint,
  ports: {
    readonly store: LogStore;
    readonly remote: Pick<AuthenticLog, 'bundle'>;
    readonly replay: Replay;
    readonly onProgress: (have: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<TiledLog> {
  const { store, remote, replay, onProgress, signal } = ports;
  const log = unwrap(await TiledLog.open(store, from));
  let entries: Uint8Array[] = [];
  let leaves: Uint8Array[] = [];
  const write = async (): Promise<void> => {
    const staged = log.stage(entries, leaves);
    [entries, leaves] = [[], []];
    if (staged.after.size < checkpoint.size) return await log.commit(staged);
    const isWhole = equalBytes(staged.after.root(), checkpoint.root) && replay.state.atBatchEnd;
    if (!isWhole) throw new AssayError('E_REPLAY_ROOT', { size: checkpoint.size });
    await log.commit(staged, new Map([[CHECKPOINT_PATH, checkpoint.bytes]]));
  };
  try {
    for await (const bundle of readAhead(remote, from, checkpoint.size, signal)) {
      await replay.apply(bundle);
      throwIfAborted(signal);
      entries.push(...bundle.entries);
      leaves.push(...bundle.leaves);
      const have = log.size + entries.length;
      if (have === checkpoint.size || entries.length >= ENTRIES_PER_WRITE) await write();
      onProgress(have);
    }
  } catch (error) {
    // What is checked so far need not be fetched again.
    if (entries.length > 0) await write();
    throw error;
  }
  await replay.finish(log);
  return log;
}

/** Entries `from` to `to`, bundle by bundle, some bundles being fetched while earlier ones are worked on. */
async function* readAhead(
  remote: Pick<AuthenticLog, 'bundle'>,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<HashedEntries> {
  const end = Math.ceil(to / TILE_WIDTH);
  const ahead: Promise<HashedEntries>[] = [];
  let next = Math.floor(from / TILE_WIDTH);
  for (let index = next; index < end; index++) {
    for (; next < end && ahead.length < BUNDLES_AHEAD; next++) {
      const bundle = remote.bundle(next, signal);
      bundle.catch(() => undefined);
      ahead.push(bundle);
    }
    const bundle = await ahead.shift();
    const known = Math.max(0, from - index * TILE_WIDTH);
    if (bundle !== undefined)
      yield { entries: bundle.entries.slice(known), leaves: bundle.leaves.slice(known) };
  }
}
