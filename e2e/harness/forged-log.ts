import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { MemoryLogStore } from '@assay/core/log/log-store.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { LogState } from '@assay/core/records/batch.ts';
import { decodeRecord, encodeRecord } from '@assay/core/records/codec.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import type { ArtifactAddRecord, NetworkTrust } from '@assay/core/records/types.ts';
import type { Tampering } from './tampering-proxy.ts';

/**
 * Another history of a real network: it keeps every rule and begins with the same genesis record, but holds other versions.
 * Signed with the authorities' keys it is what a colluding quorum would show.
 */
export class ForgedLog {
  readonly #store: MemoryLogStore;
  readonly #log: TiledLog;

  private constructor(log: TiledLog, store: MemoryLogStore) {
    this.#log = log;
    this.#store = store;
  }

  /** Writes `count` batches of one invented version each, modelled on a real entry of the log. */
  static async write(trust: NetworkTrust, model: Uint8Array, count: number): Promise<ForgedLog> {
    const record = unwrap(decodeRecord(model));
    if (record.kind !== 'artifact-add') throw new Error(`the model is a ${record.kind} record`);
    const store = new MemoryLogStore();
    const log = unwrap(await TiledLog.open(store, 0));
    const state = new LogState(trust);
    for (const batch of batches(trust, record, state, count)) {
      unwrap(state.applyBatch(batch));
      await log.append(batch);
    }
    return new ForgedLog(log, store);
  }

  get size(): number {
    return this.#log.size;
  }

  get root(): Uint8Array {
    return this.#log.root();
  }

  /** Serves this log's tiles and bundles in place of the real ones. */
  tiles(): Tampering {
    return {
      matches: (path) => path.startsWith('/tile/'),
      answer: async (_honest, path) => {
        const body = await this.#store.read(path.slice(1));
        const headers = { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' };
        return { status: body === undefined ? 404 : 200, headers, body: body ?? new Uint8Array() };
      },
    };
  }
}

function* batches(
  trust: NetworkTrust,
  model: ArtifactAddRecord,
  state: LogState,
  count: number,
): Generator<readonly Uint8Array[]> {
  yield genesisBatch(trust);
  for (let number = 0; number < count; number++) {
    const purl = `pkg:npm/never-published@${number}.0.0`;
    const record = { ...model, purl, provenance: { ...model.provenance, evidence: sha256(utf8(purl)) } };
    yield [record, state.nextState([record], state.time + 1)].map(encodeRecord);
  }
}
