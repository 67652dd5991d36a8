import { verifyEd25519, signEd25519, publicKeyFromSeed, type VerifyEd25519Async } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { toHex } from '../encoding/hex.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { AssayError } from '../errors/assay-error.ts';
import { formatCheckpointBody } from '../log/checkpoint.ts';
import { cosignatureMessage, encodeCosignature } from '../log/cosignature.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { COSIGNATURE_TYPE, ED25519_TYPE, formatNote, keyId, type NoteSignature } from '../log/note.ts';
import { TiledLog } from '../log/tiled-log.ts';
import type { LogSource } from '../net/sources.ts';
import { LogState } from '../records/batch.ts';
import { encodeRecord } from '../records/codec.ts';
import { cosignerName } from '../records/authority-set.ts';
import { genesisBatch } from '../records/network.ts';
import {
  CREATED,
  makeNetwork,
  makeProposal,
  makeTransaction,
  type TestNetwork,
} from '../records/network.fixture.ts';
import { recordOf } from '../records/proposal.ts';
import { checkAdd } from '../records/check-transaction.ts';
import type { ArtifactAddRecord, NetworkTrust } from '../records/types.ts';

export const verifySignature: VerifyEd25519Async = (...args) => Promise.resolve(verifyEd25519(...args));

/** One test network for all tests: making keys takes time. */
export const network: TestNetwork = makeNetwork();

const sample = makeProposal('pkg:npm/sample@1.0.0', utf8('sample'));

/** A log as its authorities keep it, in memory, whose keys the test holds. */
export class TestLog {
  readonly store = new MemoryLogStore();
  readonly trust: NetworkTrust;
  readonly #network: TestNetwork;
  #log: TiledLog;
  #state: LogState;

  private constructor(of: TestNetwork, log: TiledLog) {
    this.#network = of;
    this.trust = of.trust;
    this.#log = log;
    this.#state = new LogState(of.trust);
  }

  /** A log with the genesis batch. */
  static async create(of: TestNetwork = network): Promise<TestLog> {
    const store = new MemoryLogStore();
    const log = new TestLog(of, unwrap(await TiledLog.open(store, 0)));
    log.#log = unwrap(await TiledLog.open(log.store, 0));
    await log.append(genesisBatch(of.trust));
    return log;
  }

  get size(): number {
    return this.#log.size;
  }

  /** Appends entries as they are, if they keep the rules. */
  async append(entries: readonly Uint8Array[]): Promise<void> {
    unwrap(this.#state.applyBatch(entries));
    await this.#log.append(entries);
  }

  /** Appends one batch of versions whose attestations are not kept. */
  async addVersions(purls: readonly string[]): Promise<void> {
    await this.addRecords(
      purls.map((purl) =>
        recordOf({ ...sample, purl }, { epoch: 1, builders: Uint8Array.of(7), evidence: sha256(utf8(purl)) }),
      ),
    );
  }

  /** Appends one batch with one version, agreed on by the first three authorities, and keeps the evidence. */
  async addPackage(purl: string, content: Uint8Array, name?: string): Promise<ArtifactAddRecord> {
    const transaction = makeTransaction(this.#network, makeProposal(purl, content, name), [0, 1, 2]);
    const context = { trust: this.trust, set: this.trust.current };
    const { records, evidence } = unwrap(checkAdd(transaction, context, verifyEd25519));
    const [record] = records;
    await this.store.write(new Map([[`evidence/${toHex(sha256(evidence))}`, evidence]]));
    await this.addRecords([record]);
    return record;
  }

  async addRecords(records: readonly ArtifactAddRecord[]): Promise<void> {
    const state = this.#state.nextState(records, CREATED + this.size);
    await this.append([...records, state].map(encodeRecord));
  }

  /** A checkpoint of the first `size` entries, cosigned by these authorities at a time. */
  async note(
    options: { size?: number; cosigners?: readonly number[]; time?: number; root?: Uint8Array } = {},
  ): Promise<Uint8Array> {
    const { size = this.size, cosigners = [0, 1, 2], time = CREATED + 1000 } = options;
    const { origin } = this.trust.genesis;
    const root = options.root ?? unwrap(await this.#log.rootAt(size));
    const body = formatCheckpointBody({ origin, size, root, extensions: [] });
    return formatNote(body, [this.#logLine(body), ...cosigners.map((i) => this.#cosignature(i, body, time))]);
  }

  /** Serves this log under a checkpoint, honestly unless some paths are to be answered otherwise. */
  source(
    id: string,
    note: Uint8Array,
    tamper: (path: string, bytes: Uint8Array) => Uint8Array | AssayError = (_path, bytes) => bytes,
  ): LogSource & { readonly asked: string[] } {
    const asked: string[] = [];
    return {
      id,
      asked,
      checkpoint: () => Promise.resolve(note),
      read: async (path) => {
        asked.push(path);
        const bytes = await this.store.read(path);
        if (bytes === undefined) throw new AssayError('E_NOT_FOUND', { what: path });
        const answer = tamper(path, bytes);
        if (answer instanceof AssayError) throw answer;
        return answer;
      },
    };
  }

  #logLine(body: string): NoteSignature {
    const { origin } = this.trust.genesis;
    const seed = this.#network.seed(0, 'log');
    const id = keyId(origin, ED25519_TYPE, publicKeyFromSeed(seed));
    return { name: origin, keyId: id, signature: signEd25519(utf8(body), seed) };
  }

  #cosignature(authority: number, body: string, time: number): NoteSignature {
    const { origin } = this.trust.genesis;
    const { authorities } = this.trust.current;
    const name = cosignerName(origin, authorities[authority]?.name ?? '');
    const seed = this.#network.seed(authority, 'cosign');
    const signature = signEd25519(cosignatureMessage(body, time), seed);
    const id = keyId(name, COSIGNATURE_TYPE, publicKeyFromSeed(seed));
    return { name, keyId: id, signature: encodeCosignature(time, signature) };
  }
}

/** `count` purls that differ. */
export function purls(count: number, name = 'bulk'): string[] {
  return Array.from({ length: count }, (_, i) => `pkg:npm/${name}@1.0.${i}`);
}
