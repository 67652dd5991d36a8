import { sha256 as noble } from '@noble/hashes/sha2.js';
import { createBreathe } from '@assay/core/breath.ts';
import { concatBytes } from '@assay/core/encoding/bytes.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { CompactRange, leafHashes } from '@assay/core/log/merkle.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import { AuthenticLog } from '@assay/core/node/authentic-log.ts';
import { Catalogue } from '@assay/core/node/catalogue.ts';
import { growLog } from '@assay/core/node/grow-log.ts';
import { Replay } from '@assay/core/node/replay.ts';
import { verifyNetworkCheckpoint } from '@assay/core/records/network-checkpoint.ts';
import { timed } from '../measure.ts';
import type { BenchClient, Surroundings } from './surroundings.ts';

/** Entries of the bare tree and the length of each, as in the research that set the aim. */
const BARE_ENTRIES = 50_000;
const BARE_BYTES = 300;
const BUNDLE = 256;

/** Milliseconds of a whole first replay whose resources are in memory and whose results stay there: no transfer, no disk. */
export async function timeVerification(
  at: Surroundings,
  { trust, mirror, paths }: BenchClient,
): Promise<number> {
  const bodies = new Map<string, Uint8Array>();
  for (const path of paths) {
    const body = await mirror.read(path).catch(() => undefined);
    if (body !== undefined) bodies.set(path, body);
  }
  const note = await mirror.checkpoint();
  const source: LogSource = {
    id: 'memory',
    checkpoint: () => Promise.resolve(note),
    read: (path) => {
      const body = bodies.get(path);
      return body === undefined
        ? Promise.reject(new AssayError('E_NOT_FOUND', { what: path }))
        : Promise.resolve(body);
    },
  };
  return await timed(async () => {
    const head = unwrap(await verifyNetworkCheckpoint(note, trust, at.verifySignature));
    const store = new MemoryLogStore();
    const breathe = createBreathe(at.clock);
    const replay = new Replay(trust, breathe);
    const onRefused = (_source: LogSource, error: AssayError): never => {
      throw error;
    };
    const remote = new AuthenticLog({ head, sources: [source], staged: store, onRefused, breathe });
    await growLog(0, head, { store, remote, replay, onProgress: () => undefined });
    new Catalogue().add(replay.records);
  });
}

/** Milliseconds for the tree over entries of 300 bytes, leaf and node hashes, as a replay computes it and with noble alone. */
export async function timeBareTrees(): Promise<{ entries: number; kernel: number; noble: number }> {
  const entries = Array.from({ length: BUNDLE }, (_, i) => new Uint8Array(BARE_BYTES).fill(i));
  const rounds = Math.ceil(BARE_ENTRIES / BUNDLE);
  const kernel = await timed(() => {
    const range = CompactRange.of();
    for (let round = 0; round < rounds; round++) range.appendAll(leafHashes(entries));
    return range.root();
  });
  const [leafPrefix, nodePrefix] = [Uint8Array.of(0), Uint8Array.of(1)];
  const alone = await timed(() => {
    for (let round = 0; round < rounds; round++) {
      let row = entries.map((entry) => noble(concatBytes(leafPrefix, entry)));
      while (row.length > 1) {
        row = row.flatMap((left, i) =>
          i % 2 === 0 ? [noble(concatBytes(nodePrefix, left, row[i + 1] ?? left))] : [],
        );
      }
    }
  });
  return { entries: rounds * BUNDLE, kernel, noble: alone };
}
