import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Libp2p } from '@libp2p/interface';
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { createClock } from '@assay/core/clock.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { OpenStream } from '@assay/core/net/frame-client.ts';
import { createLogClient } from '@assay/core/net/log-protocol.ts';
import { createRequestClient } from '@assay/core/net/request-protocol.ts';
import { isSettled, type RequestProgress } from '@assay/core/net/request-progress.ts';
import { signRequest, type SignedRequest } from '@assay/core/net/signed-request.ts';
import type { LogSource } from '@assay/core/net/sources.ts';
import { createStatusClient, type AuthorityStatus } from '@assay/core/net/status-protocol.ts';
import { protocols } from '@assay/core/protocols.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { AuthorityLimits } from '../limits.ts';
import { createKeys, identityOf } from '../keys.ts';
import { createLibp2pNode } from '../network/libp2p-node.ts';

const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const NAMES = ['ayla', 'borneo', 'cassini', 'delft'];
/** A network for tests takes packages of at most this size. */
export const MAX_ARTIFACT_BYTES = 200_000;
const REQUESTER_SEED = new Uint8Array(32).fill(7);
const clock = createClock(globalThis);

/** Four authorities as processes of their own, and a client that talks to them as a relay would. */
export class Cluster {
  readonly trust: NetworkTrust;
  readonly #folder: string;
  readonly #children = new Map<number, ChildProcess>();
  readonly #ports: readonly number[];
  readonly #client: Libp2p;

  private constructor(trust: NetworkTrust, folder: string, ports: readonly number[], client: Libp2p) {
    this.trust = trust;
    this.#folder = folder;
    this.#ports = ports;
    this.#client = client;
  }

  /** Makes keys, genesis and configuration. `registryUrl` names the registry that each authority sees. */
  static async create(
    registryUrl: (index: number) => string,
    limits: Partial<AuthorityLimits> = {},
  ): Promise<Cluster> {
    const folder = await mkdtemp(join(tmpdir(), 'assay-authorities-'));
    const ports = await Promise.all(NAMES.map(freePort));
    const dataDirs = NAMES.map((_, index) => join(folder, `authority-${index}`));
    const keys = await Promise.all(dataDirs.map((dir, index) => createKeys(dir, NAMES[index] ?? '')));
    const genesis = encodeRecord({
      kind: 'genesis',
      v: 1,
      origin: 'assay.test/log',
      epoch: 1,
      created: clock.now(),
      authorities: keys.map(identityOf),
      limits: { maxArtifactBytes: MAX_ARTIFACT_BYTES },
    });
    await writeFile(join(folder, 'genesis.cbor'), genesis);
    const peers = ports.map((port, index) => ({
      name: NAMES[index],
      addresses: [`/ip4/127.0.0.1/tcp/${port}`],
    }));
    for (const [index, dir] of dataDirs.entries()) {
      const config = {
        name: NAMES[index],
        genesis: '../genesis.cbor',
        listen: peers[index]?.addresses[0],
        peers,
        npmRegistry: registryUrl(index),
        limits,
      };
      await mkdir(dir, { recursive: true });
      await writeFile(join(dir, 'config.json'), JSON.stringify(config));
    }
    const client = await createLibp2pNode(new Uint8Array(32).fill(9), '/ip4/127.0.0.1/tcp/0');
    await client.start();
    return new Cluster(unwrap(trustFromGenesis(genesis)), folder, ports, client);
  }

  dataDir(index: number): string {
    return join(this.#folder, `authority-${index}`);
  }

  /** Starts an authority and waits until it says that it is ready; rejects with what it says when it ends instead. */
  async start(index: number): Promise<void> {
    const child = spawn(NODE, [MAIN, 'run', '--data', this.dataDir(index)]);
    const said: string[] = [];
    createInterface(child.stderr).on('line', (line) => said.push(line));
    const [line] = (await Promise.race([
      once(createInterface(child.stdout), 'line'),
      once(child, 'exit').then(() => ['{}']),
    ])) as [string];
    const ready = JSON.parse(line) as { ready?: boolean };
    if (ready.ready !== true) throw new Error(`authority ${index} did not start:\n${said.join('\n')}`);
    this.#children.set(index, child);
  }

  async startAll(): Promise<void> {
    await Promise.all(NAMES.map((_, index) => this.start(index)));
  }

  /** Ends an authority without a warning. */
  async kill(index: number): Promise<void> {
    await this.#end(index, (child) => child.kill('SIGKILL'));
  }

  /** Asks an authority to end; gives its exit code. */
  terminate(index: number): Promise<number | null> {
    return this.#end(index, (child) => child.kill('SIGTERM'));
  }

  /** Lets go of an authority, as a parent does that dies; gives its exit code. */
  closeStdin(index: number): Promise<number | null> {
    return this.#end(index, (child) => child.stdin?.end());
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.keys()].map((index) => this.kill(index)));
    await this.#client.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Opens streams of a protocol to an authority. */
  opener(index: number, protocol: string): OpenStream {
    return async (signal) => {
      const peerKey = this.trust.current.authorities[index]?.peerKey ?? new Uint8Array();
      const peer = peerIdFromPublicKey(publicKeyFromRaw(peerKey));
      const address = multiaddr(`/ip4/127.0.0.1/tcp/${this.#ports[index]}/p2p/${peer.toString()}`);
      return await this.#client.dialProtocol(address, protocol, { signal });
    };
  }

  async request(index: number, purl: string): Promise<RequestProgress> {
    return await this.client(index).submit(await this.signed(purl));
  }

  /** Requests a package and follows it to its end. */
  async settle(index: number, purl: string): Promise<RequestProgress> {
    const first = await this.request(index, purl);
    return isSettled(first) ? first : await this.outcome(index, first.id);
  }

  /** Follows a request to its end. */
  async outcome(index: number, id: string): Promise<RequestProgress> {
    for await (const progress of this.client(index).follow(id)) if (isSettled(progress)) return progress;
    throw new Error('the authority stopped telling');
  }

  client(index: number) {
    return createRequestClient({ id: `${index}`, open: this.opener(index, protocols.request), clock });
  }

  signed(purl: string, { at = clock.now() } = {}): Promise<SignedRequest> {
    const { networkId } = this.trust;
    const requester = publicKeyFromSeed(REQUESTER_SEED);
    return signRequest({ networkId, purl, at, requester }, (message) =>
      signEd25519Node(message, REQUESTER_SEED),
    );
  }

  status(index: number): Promise<AuthorityStatus> {
    return createStatusClient({ open: this.opener(index, protocols.status), clock }).status();
  }

  logSource(index: number): LogSource {
    return createLogClient({ id: `${index}`, open: this.opener(index, protocols.log), clock });
  }

  async #end(index: number, how: (child: ChildProcess) => void): Promise<number | null> {
    const child = this.#children.get(index);
    if (child === undefined) return null;
    this.#children.delete(index);
    const exited = once(child, 'exit') as Promise<[number | null]>;
    how(child);
    return (await exited)[0];
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
