import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyEd25519 } from '@assay/core/crypto/ed25519.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { CompactRange, leafHash } from '@assay/core/log/merkle.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import { decodeEntryBundle, entriesPath, TILE_WIDTH, tilePath } from '@assay/core/log/tile.ts';
import { LogState } from '@assay/core/records/batch.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';

/** What an independent reader found in a log folder. */
export interface ReadLog {
  readonly checkpoint: VerifiedCheckpoint;
  readonly entries: readonly Uint8Array[];
  readonly purls: readonly string[];
}

/**
 * Reads a log folder as a stranger would: the checkpoint with its quorum, every bundle it names, every record under the rules of
 * the log, the root, the bottom tiles, and the evidence each record names. Throws at the first thing that is not so.
 */
export async function readLog(folder: string, trust: NetworkTrust): Promise<ReadLog> {
  const file = (path: string) => readFile(join(folder, path)).then((bytes) => new Uint8Array(bytes));
  const verify = (...args: Parameters<typeof verifyEd25519>) => Promise.resolve(verifyEd25519(...args));
  const checkpoint = unwrap(await verifyNetworkCheckpoint(await file('checkpoint'), trust, verify));
  const state = new LogState(trust);
  const range = CompactRange.of();
  const entries: Uint8Array[] = [];
  const purls: string[] = [];
  for (let start = 0; start < checkpoint.size; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, checkpoint.size - start);
    const bundle = unwrap(decodeEntryBundle(await file(entriesPath(start / TILE_WIDTH, width)), width));
    const tile = await file(tilePath(0, start / TILE_WIDTH, width));
    for (const [at, entry] of bundle.entries()) {
      const leaf = leafHash(entry);
      if (toHex(tile.subarray(at * 32, at * 32 + 32)) !== toHex(leaf))
        throw new Error(`tile at ${start + at}`);
      range.append(leaf);
      unwrap(state.applyEntry(entry));
      entries.push(entry);
      const record = unwrap(decodeRecord(entry));
      if (record.kind !== 'artifact-add') continue;
      purls.push(record.purl);
      const name = toHex(record.provenance.evidence);
      if (toHex(sha256(await file(`evidence/${name}`))) !== name) throw new Error(`evidence ${name}`);
    }
  }
  if (!state.atBatchEnd) throw new Error('the log ends inside a batch');
  if (toHex(range.root()) !== toHex(checkpoint.root)) throw new Error('the entries do not give the root');
  return { checkpoint, entries, purls };
}
