import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { leafHash } from '../log/merkle.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { encodeRecord } from '../records/codec.ts';
import { CREATED, makeNetwork, makeProposal, type TestNetwork } from '../records/network.fixture.ts';
import { genesisBatch } from '../records/network.ts';
import { PackageMap } from '../records/package-map.ts';
import { recordOf } from '../records/proposal.ts';
import type { ArtifactAddRecord, LogRecord } from '../records/types.ts';
import { TestLog } from '../verify/evidence.fixture.ts';
import type { LookupView } from './answer.ts';

const sample = makeProposal('pkg:npm/sample@1.0.0', utf8('sample'));

/** A record of a version whose attestations nobody has. */
export function sampleRecord(purl: string): ArtifactAddRecord {
  return recordOf(
    { ...sample, purl },
    { epoch: 1, builders: Uint8Array.of(7), evidence: sha256(utf8(purl)) },
  );
}

/** A log with its map of packages, whose authorities the test holds. It may break rules that a LogState would keep. */
export class LookupLog {
  readonly network: TestNetwork;
  readonly log: TiledLog;
  readonly #signer: TestLog;
  packages = PackageMap.empty;

  private constructor(network: TestNetwork, log: TiledLog, signer: TestLog) {
    this.network = network;
    this.log = log;
    this.#signer = signer;
  }

  /** A log with the genesis batch and one batch for each of these lists of purls. */
  static async of(batches: readonly (readonly string[])[], network = makeNetwork()): Promise<LookupLog> {
    const log = unwrap(await TiledLog.open(new MemoryLogStore(), 0));
    const made = new LookupLog(network, log, await TestLog.of([], network));
    await log.append(genesisBatch(network.trust));
    for (const purls of batches) await made.add(purls.map(sampleRecord));
    return made;
  }

  /** Appends one batch. */
  async add(records: readonly LogRecord[]): Promise<void> {
    const prevSize = this.log.size;
    const entries = records.map(encodeRecord);
    for (const [i, record] of records.entries())
      this.packages = this.packages.add(record, prevSize + i, leafHash(entries[i] ?? new Uint8Array()));
    const { setHash } = this.network.trust.current;
    const state = encodeRecord({
      kind: 'state',
      v: 1,
      epoch: 1,
      height: prevSize,
      time: CREATED + prevSize,
      prevSize,
      mapRoot: this.packages.root(),
      setHash,
      recordCount: records.length,
    });
    await this.log.append([...entries, state]);
  }

  /** A signed checkpoint of the log as it is. */
  checkpoint(options: { readonly time?: number; readonly cosigners?: readonly number[] } = {}): Uint8Array {
    return this.#signer.checkpoint({ size: this.log.size, root: this.log.root(), ...options });
  }

  /** What an honest source answers from. */
  view(): LookupView {
    return { log: this.log, packages: this.packages, checkpoint: this.checkpoint() };
  }
}
