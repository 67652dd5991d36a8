import { verifyEd25519, signEd25519, type VerifyEd25519Async } from '../crypto/ed25519.ts';
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
import { answerLookup } from '../lookup/answer.ts';
import { encodeLookup, type LookupBundle } from '../lookup/bundle.ts';
import type { LogSource } from '../net/sources.ts';
import { LogState } from '../records/batch.ts';
import { encodeRecord } from '../records/codec.ts';
import { cosignerName, type AuthoritySet } from '../records/authority-set.ts';
import { bitmapOf } from '../records/bitmap.ts';
import { epochContext } from '../records/epoch-context.ts';
import { makeCandidate, makeChange, makeHandoff, setAfter } from '../records/epochs.fixture.ts';
import { encodeHandoffLink, handoffPath, type HandoffLink } from '../records/handoff.ts';
import { genesisBatch, setForSize } from '../records/network.ts';
import {
  CREATED,
  makeNetwork,
  makeProposal,
  makeTransaction,
  type TestNetwork,
} from '../records/network.fixture.ts';
import { recordOf } from '../records/proposal.ts';
import { checkChange } from '../records/check-change.ts';
import { checkAdd } from '../records/check-transaction.ts';
import { extendTrust } from '../records/trust-chain.ts';
import type { ArtifactAddRecord, LogRecord, NetworkTrust } from '../records/types.ts';

export const verifySignature: VerifyEd25519Async = (...args) => Promise.resolve(verifyEd25519(...args));

/** One test network for all tests: making keys takes time. */
export const network: TestNetwork = makeNetwork();

const sample = makeProposal('pkg:npm/sample@1.0.0', utf8('sample'));

/** A log as its authorities keep it, in memory, whose keys the test holds. */
export class TestLog {
  readonly store = new MemoryLogStore();
  #trust: NetworkTrust;
  #announced: AuthoritySet | undefined;
  readonly #network: TestNetwork;
  #log: TiledLog;
  #state: LogState;

  private constructor(of: TestNetwork, log: TiledLog) {
    this.#network = of;
    this.#trust = of.trust;
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

  /** Knows all epochs that began in this log. */
  get trust(): NetworkTrust {
    return this.#trust;
  }

  /** Appends entries as they are, if they keep the rules. */
  async append(entries: readonly Uint8Array[]): Promise<void> {
    unwrap(this.#state.applyBatch(entries));
    await this.#log.append(entries);
  }

  /** Appends one batch of versions whose attestations are not kept. */
  async addVersions(purls: readonly string[]): Promise<void> {
    const { epoch, authorities, policy } = this.#trust.current;
    const builders = bitmapOf(firstIndices(policy.quorum), authorities.length);
    await this.addRecords(
      purls.map((purl) => recordOf({ ...sample, purl }, { epoch, builders, evidence: sha256(utf8(purl)) })),
    );
  }

  /** Appends one batch with one version, agreed on by the first authorities that are enough, and keeps the evidence. */
  async addPackage(purl: string, content: Uint8Array, name?: string): Promise<ArtifactAddRecord> {
    const agree = firstIndices(this.#trust.current.policy.quorum);
    const proposal = makeProposal(purl, content, name);
    const transaction = makeTransaction(this.#network, proposal, agree, [], this.#trust);
    const context = { trust: this.trust, set: this.trust.current };
    const { records, evidence } = unwrap(checkAdd(transaction, context, verifyEd25519));
    const [record] = records;
    await this.store.write(new Map([[`evidence/${toHex(sha256(evidence))}`, evidence]]));
    await this.addRecords([record]);
    return record;
  }

  async addRecords(records: readonly LogRecord[], announced?: Uint8Array): Promise<void> {
    const state = this.#state.nextState(records, CREATED + this.size, announced);
    await this.append([...records, state].map(encodeRecord));
  }

  /** Appends the batch that closes the epoch by a change everybody approves, and keeps the ballots. New names get new keys. */
  async closeEpoch(what: {
    readonly add?: readonly string[];
    readonly remove?: readonly string[];
  }): Promise<void> {
    const { set, suspended } = this.#state.epoch;
    const context = unwrap(epochContext(this.#trust));
    const add = (what.add ?? []).map((name) => makeCandidate(this.#network, name, set.epoch));
    const change = makeChange(this.#network, context, { ...what, add });
    const { records, evidence } = unwrap(checkChange(change, context, verifyEd25519));
    const since = this.size + records.length + 1;
    this.#announced = setAfter(this.#network, context, change, { since, suspended });
    await this.store.write(new Map([[`evidence/${toHex(sha256(evidence))}`, evidence]]));
    await this.addRecords(records, this.#announced.setHash);
  }

  /** Appends the batch that begins the next epoch, with the hand-off alone in it, and keeps the link. */
  async beginEpoch(): Promise<HandoffLink> {
    if (this.#announced === undefined) throw new Error('the epoch is not closed');
    const { size } = this;
    const head = { size, root: unwrap(await this.#log.rootAt(size)) };
    const record = makeHandoff(this.#network, this.#trust.current, head, this.#announced);
    const link = {
      handoff: encodeRecord(record),
      state: unwrap(await this.#log.entry(size - 1)),
      proof: unwrap(await this.#log.inclusionProof(size - 1, size)),
    };
    this.#trust = unwrap(await extendTrust(this.#trust, link, verifySignature));
    this.#announced = undefined;
    this.#state.learn(this.#trust);
    await this.addRecords([record]);
    await this.store.write(new Map([[handoffPath(record.epoch), encodeHandoffLink(link)]]));
    return link;
  }

  /** `closeEpoch` and `beginEpoch` in one. */
  async changeAuthorities(what: {
    add?: readonly string[];
    remove?: readonly string[];
  }): Promise<HandoffLink> {
    await this.closeEpoch(what);
    return await this.beginEpoch();
  }

  /** A checkpoint of the first `size` entries, cosigned by these authorities of the epoch that `size` belongs to, at a time. */
  async note(
    options: {
      size?: number;
      cosigners?: readonly number[];
      time?: number;
      root?: Uint8Array;
      set?: AuthoritySet;
    } = {},
  ): Promise<Uint8Array> {
    const { size = this.size, time = CREATED + 1000 } = options;
    const { set = setForSize(this.#trust, size) } = options;
    const { cosigners = firstIndices(set.policy.quorum) } = options;
    const { origin } = this.trust.genesis;
    const root = options.root ?? unwrap(await this.#log.rootAt(size));
    const body = formatCheckpointBody({ origin, size, root, extensions: [] });
    return formatNote(body, [
      this.#logLine(set, body),
      ...cosigners.map((index) => this.#cosignature(set, index, body, time)),
    ]);
  }

  /** Serves this log, as it is now, under a checkpoint, honestly unless some paths or lookups are to be answered otherwise. */
  source(
    id: string,
    note: Uint8Array,
    tamper: (path: string, bytes: Uint8Array) => Uint8Array | AssayError = (_path, bytes) => bytes,
    tamperLookup: (bundle: LookupBundle) => LookupBundle = (bundle) => bundle,
  ): LogSource & { readonly asked: string[] } {
    const asked: string[] = [];
    const { size } = this;
    const { packages } = this.#state;
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
      lookup: async (purl, known) => {
        asked.push(`lookup ${purl}`);
        const log = unwrap(await TiledLog.open(this.store, size));
        const bundle = unwrap(await answerLookup({ log, packages, checkpoint: note }, purl, known));
        return encodeLookup(tamperLookup(bundle));
      },
    };
  }

  #logLine({ authorities }: AuthoritySet, body: string): NoteSignature {
    const { origin } = this.trust.genesis;
    const key = authorities[0]?.logKey ?? new Uint8Array();
    const signature = signEd25519(utf8(body), this.#network.seedOf(key));
    return { name: origin, keyId: keyId(origin, ED25519_TYPE, key), signature };
  }

  #cosignature({ authorities }: AuthoritySet, index: number, body: string, time: number): NoteSignature {
    const authority = authorities[index];
    if (authority === undefined) throw new Error('no such authority');
    const name = cosignerName(this.trust.genesis.origin, authority.name);
    const seed = this.#network.seedOf(authority.cosignKey);
    const signature = signEd25519(cosignatureMessage(body, time), seed);
    const id = keyId(name, COSIGNATURE_TYPE, authority.cosignKey);
    return { name, keyId: id, signature: encodeCosignature(time, signature) };
  }
}

function firstIndices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** `count` purls that differ. */
export function purls(count: number, name = 'bulk'): string[] {
  return Array.from({ length: count }, (_, i) => `pkg:npm/${name}@1.0.${i}`);
}
