import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import { createClock } from '@assay/core/clock.ts';
import { buildPack } from '@assay/core/eris/pack.ts';
import { blockSizeFor, encodeCapability } from '@assay/core/eris/capability.ts';
import { nobleKernel } from '@assay/core/eris/kernel.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { LogStore } from '@assay/core/log/log-store.ts';
import { serveBlocks } from '@assay/core/net/block-protocol.ts';
import { serveLog } from '@assay/core/net/log-protocol.ts';
import type { RequestProgress } from '@assay/core/net/request-progress.ts';
import { serveRequests, type RequestDesk } from '@assay/core/net/request-protocol.ts';
import { decodeSignedRequest, requestId } from '@assay/core/net/signed-request.ts';
import { serveStatus } from '@assay/core/net/status-protocol.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { protocols } from '@assay/core/protocols.ts';
import { makeNetwork, type TestNetwork } from '@assay/core/records/network.fixture.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import { MemoryArtifactStore } from '@assay/core/swarm/memory-artifact-store.ts';

const clock = createClock(globalThis);

/** The network of all relay tests. */
export const network: TestNetwork = makeNetwork();

/** The log and the artifacts of the test network, which all its authorities serve alike. */
export class TestAuthorities {
  readonly log: TestLog;
  readonly artifacts = new MemoryArtifactStore(clock);
  readonly requests: string[] = [];
  #note: Uint8Array;

  private constructor(log: TestLog, note: Uint8Array) {
    this.log = log;
    this.#note = note;
  }

  static async create(): Promise<TestAuthorities> {
    const log = await TestLog.create(network);
    return new TestAuthorities(log, await log.note({ time: clock.now() }));
  }

  /** The checkpoint that the authorities show. */
  get note(): Uint8Array {
    return this.#note;
  }

  /** Shows another checkpoint from now on. */
  show(note: Uint8Array): void {
    this.#note = note;
  }

  /** Logs a version with one artifact, which the authorities hold unless told otherwise. */
  async add(purl: string, content: Uint8Array, { held = true } = {}): Promise<ArtifactAddRecord> {
    const record = await this.log.addPackage(purl, content);
    if (held) await this.hold(record, content);
    this.#note = await this.log.note({ time: clock.now() });
    return record;
  }

  /** Stores the pack of an artifact, so that it can be fetched. */
  async hold({ purl, artifacts: [artifact] }: ArtifactAddRecord, content: Uint8Array): Promise<void> {
    const pack = await buildPack(content, { blockSize: blockSizeFor(content.length) });
    const { rootReference: root, blockSize } = pack.capability;
    const capability = encodeCapability(pack.capability);
    const name = artifact?.name ?? '';
    const writer = await this.artifacts.begin({
      root,
      capability,
      blockSize,
      contentSize: content.length,
      purl,
      name,
    });
    const references: Uint8Array[] = [];
    for await (const block of pack.blocks()) {
      await writer.put(references.length, block);
      references.push(nobleKernel.referenceOf(block));
    }
    await writer.commit(references);
    await writer.close();
  }

  /** Starts one of the authorities on a port of its own. */
  async start(index: number, listen = '/ip4/127.0.0.1/tcp/0'): Promise<Libp2p> {
    const libp2p = await createLibp2p({
      privateKey: await generateKeyPairFromSeed('Ed25519', network.seed(index, 'peer')),
      addresses: { listen: [listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
      services: { identify: identify() },
    });
    const many = { maxInboundStreams: 1000 };
    const gate = { admit: () => Promise.resolve(true) };
    await libp2p.handle(
      protocols.log,
      (stream) => void serveLog(stream, { store: this.#store(), clock }),
      many,
    );
    await libp2p.handle(
      protocols.blocks,
      (stream) => void serveBlocks(stream, { store: this.artifacts, gate, clock }),
      many,
    );
    await libp2p.handle(
      protocols.request,
      (stream) => void serveRequests(stream, { desk: this.#desk(), peerId: 'relay', clock }),
      many,
    );
    await libp2p.handle(
      protocols.status,
      (stream) => void serveStatus(stream, { status: () => this.#status(index), clock }),
      many,
    );
    return libp2p;
  }

  #store(): LogStore {
    const { store } = this.log;
    return {
      read: (path) => (path === 'checkpoint' ? Promise.resolve(this.#note) : store.read(path)),
      write: (files) => store.write(files),
      remove: (paths) => store.remove(paths),
    };
  }

  #status(index: number) {
    const name = network.trust.current.authorities[index]?.name ?? '';
    const counts = { epoch: 1, view: 3, height: 2, size: this.log.size, finalized: 2, leader: 0, pending: 0 };
    return { name, ...counts, busy: false, peers: [] };
  }

  #desk(): RequestDesk {
    const { requests } = this;
    const progress = (id: string, state: RequestProgress['state']): RequestProgress => ({
      id,
      purl: 'pkg:npm/clsx@2.1.1',
      state,
      authorities: [],
      needed: 3,
      agreed: state === 'in-log' ? 3 : 0,
      ...(state === 'in-log' && { index: 7 }),
    });
    return {
      submit(encoded) {
        const request = unwrap(decodeSignedRequest(encoded));
        if (request.purl === 'pkg:npm/refused') return Promise.reject(new AssayError('E_REQUEST_SIGNATURE'));
        const id = requestId(request);
        requests.push(id);
        return Promise.resolve(progress(id, 'queued'));
      },
      async *follow(id) {
        if (!requests.includes(id)) throw new AssayError('E_REQUEST_UNKNOWN', { id });
        for (const state of ['queued', 'agreeing', 'in-log'] as const) {
          yield progress(id, state);
          await clock.sleep(10);
        }
      },
    };
  }
}
