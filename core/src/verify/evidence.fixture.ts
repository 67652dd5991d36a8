import { signEd25519, verifyEd25519 } from '../crypto/ed25519.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { encodeContent } from '../eris/encode.ts';
import { unwrap } from '../errors/result.ts';
import { formatCheckpointBody } from '../log/checkpoint.ts';
import { cosignatureMessage, encodeCosignature } from '../log/cosignature.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import { COSIGNATURE_TYPE, ED25519_TYPE, formatNote, keyId } from '../log/note.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { LogState } from '../records/batch.ts';
import { encodeRecord } from '../records/codec.ts';
import {
  CREATED,
  makeNetwork,
  makeProposal,
  makeTransaction,
  type TestNetwork,
} from '../records/network.fixture.ts';
import { genesisBatch } from '../records/network.ts';
import { checkAdd } from '../records/check-transaction.ts';
import type { ArtifactAddRecord } from '../records/types.ts';
import type { ArtifactContent, Evidence, Rung, RungId, Verification } from './types.ts';

/** When the checkpoints of a test log were signed. */
export const SIGNED_AT = CREATED + 1000;

/** A package version for a test log. */
export interface TestPackage {
  readonly purl: string;
  readonly content: Uint8Array;
  readonly agree?: readonly number[];
  readonly dissent?: readonly Uint8Array[];
}

/** How a checkpoint is signed; whatever is not given is as it should be. */
export interface CheckpointOptions {
  readonly size?: number;
  readonly root?: Uint8Array;
  readonly origin?: string;
  /** Authorities that cosign, with repetitions if wanted. */
  readonly cosigners?: readonly number[];
  readonly time?: number;
}

/** A log of a test network in memory, one batch per package, and the evidence of its records. */
export class TestLog {
  readonly network: TestNetwork;
  readonly log: TiledLog;
  readonly #state: LogState;
  readonly #bundles = new Map<string, Uint8Array>();

  private constructor(network: TestNetwork, log: TiledLog) {
    this.network = network;
    this.log = log;
    this.#state = new LogState(network.trust);
  }

  static async of(packages: readonly TestPackage[], network = makeNetwork()): Promise<TestLog> {
    const test = new TestLog(network, unwrap(await TiledLog.open(new MemoryLogStore(), 0)));
    await test.#append(genesisBatch(network.trust));
    for (const one of packages) await test.add(one);
    return test;
  }

  /** Adds a batch with one record. */
  async add({ purl, content, agree = [0, 1, 2, 3], dissent = [] }: TestPackage): Promise<void> {
    const transaction = makeTransaction(this.network, makeProposal(purl, content), agree, dissent);
    const { trust } = this.network;
    const context = { trust, set: trust.current };
    const { records, evidence } = unwrap(checkAdd(transaction, context, verifyEd25519));
    const [record] = records;
    this.#bundles.set(purl, evidence);
    await this.#append([encodeRecord(record), encodeRecord(this.#state.nextState([record], SIGNED_AT - 10))]);
  }

  /** Adds a record that no honest authority would have let pass, in a batch that LogState would refuse. */
  async addRecord(record: ArtifactAddRecord, bundle: Uint8Array): Promise<Evidence> {
    const index = this.log.size;
    await this.log.append([encodeRecord(record)]);
    this.#bundles.set(record.purl, bundle);
    return await this.evidence(record.purl, index);
  }

  async #append(entries: readonly Uint8Array[]): Promise<void> {
    unwrap(this.#state.applyBatch(entries));
    await this.log.append(entries);
  }

  /** A checkpoint of this log, or of whatever the options say. */
  checkpoint(options: CheckpointOptions = {}): Uint8Array {
    const { seed, trust } = this.network;
    const origin = options.origin ?? trust.current.policy.origin;
    const size = options.size ?? this.log.size;
    const body = formatCheckpointBody({
      origin,
      size,
      root: options.root ?? this.log.root(),
      extensions: [],
    });
    const [logKey] = trust.current.policy.logKeys;
    const time = options.time ?? SIGNED_AT;
    return formatNote(body, [
      {
        name: origin,
        keyId: keyId(origin, ED25519_TYPE, logKey?.publicKey ?? new Uint8Array()),
        signature: signEd25519(utf8(body), seed(0, 'log')),
      },
      ...(options.cosigners ?? [0, 1, 2, 3]).map((authority) => {
        const { name = '', publicKey = new Uint8Array() } = trust.current.policy.cosigners[authority] ?? {};
        const signature = signEd25519(cosignatureMessage(body, time), seed(authority, 'cosign'));
        return {
          name,
          keyId: keyId(name, COSIGNATURE_TYPE, publicKey),
          signature: encodeCosignature(time, signature),
        };
      }),
    ]);
  }

  /** Everything that a client at the tip of the log has for a record. The file is not part of it. */
  async evidence(purl: string, index = this.#state.indexOf(purl) ?? -1): Promise<Evidence> {
    return {
      trust: this.network.trust,
      purl,
      entry: { index, bytes: unwrap(await this.log.entry(index)) },
      inclusion: unwrap(await this.log.inclusionProof(index, this.log.size)),
      checkpoint: this.checkpoint(),
      agreement: this.#bundles.get(purl) ?? new Uint8Array(),
    };
  }

  /** The tree head at an earlier size, with its proof to the tip. */
  async previous(size: number) {
    return {
      size,
      root: unwrap(await this.log.rootAt(size)),
      consistency: unwrap(await this.log.consistencyProof(size, this.log.size)),
    };
  }
}

/** The log most tests use: three packages, the second one of two blocks and more. */
export async function threePackages(
  file: Uint8Array = clsx.file,
): Promise<{ readonly log: TestLog; readonly evidence: Evidence }> {
  const log = await TestLog.of([
    { purl: 'pkg:npm/a@1.0.0', content: someFile('a', 10) },
    { purl: clsx.purl, content: file },
    { purl: 'pkg:npm/b@1.0.0', content: someFile('b', 10) },
  ]);
  return { log, evidence: { ...(await log.evidence(clsx.purl)), artifact: fileOf(bytesContent(file)) } };
}

/** The package version that is put to the test. */
export const clsx = {
  purl: 'pkg:npm/clsx@2.1.1',
  name: 'package.tgz',
  file: someFile('clsx', 40_000),
} as const;

/** The file under test with the given content. */
export function fileOf(content: ArtifactContent) {
  return { name: clsx.name, content };
}

/** The file under test as blocks; `flipped` says in which of them, in the order they are asked for, a byte is changed. */
export function blocksContent(flipped = -1): ArtifactContent {
  const { blocks } = encodeContent(clsx.file);
  let asked = 0;
  return {
    kind: 'blocks',
    async get(reference) {
      const block = blocks.get(toHex(reference));
      return asked++ === flipped ? block?.with(100, (block[100] ?? 0) ^ 1) : block;
    },
  };
}

/** The rungs in a state. */
export function statesOf({ rungs }: Verification, state: Rung['state']): RungId[] {
  return rungs.filter((rung) => rung.state === state).map(({ id }) => id);
}

/** The failed rungs, each with its reason. */
export function failsOf({ rungs }: Verification): string[] {
  return rungs.filter(({ state }) => state === 'fail').map(({ id, error }) => `${id} ${error?.code}`);
}

/** A file as content, in uneven chunks. */
export function bytesContent(file: Uint8Array): ArtifactContent {
  return {
    kind: 'bytes',
    async *chunks() {
      for (let start = 0; start < file.length; start += 1000) yield file.subarray(start, start + 1000);
    },
  };
}

/** Bytes of a file that is its own: `length` bytes that depend on `label`. */
export function someFile(label: string, length: number): Uint8Array {
  const line = utf8(`${label} `);
  const repeated = concatBytes(...Array.from({ length: Math.ceil(length / line.length) }, () => line));
  return repeated.subarray(0, length);
}
