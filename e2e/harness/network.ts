import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { unwrap } from '@assay/core/errors/result.ts';
import { parseCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { parseNote } from '@assay/core/log/note.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { trustFromGenesis } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { assay, ASSAY, type CommandOutcome } from './command-line.ts';
import { eventually } from './eventually.ts';
import { isAlive, Program, type Ending, type JsonLine } from './program.ts';
import type { StatusDocument } from './status-document.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

const AUTHORITY_PROGRAM = 'authority/src/main.ts';
const READY_TIMEOUT_MS = 90_000;

export interface NetworkOptions {
  /** URL of the npm registry that the authorities fetch from. */
  readonly registry: string;
  /** What `--seed` is given; nothing unless told otherwise. */
  readonly seeds?: readonly string[];
  /** A folder of an earlier run; a fresh one by default. */
  readonly data?: string;
}

/** A network started by `assay up`, as a user would, and what a test does to it. */
export class Network {
  readonly url: string;
  readonly data: string;
  readonly #folder: TemporaryFolder | undefined;
  readonly #up: Program;
  /** Authorities that a test has started again by their own command. */
  readonly #restarted = new Map<number, Program>();
  readonly #pids = new Map<string, number>();

  private constructor(up: Program, port: number, data: string, folder: TemporaryFolder | undefined) {
    this.#up = up;
    this.url = `http://127.0.0.1:${port}`;
    this.data = data;
    this.#folder = folder;
  }

  /** Runs `assay up` until it says that it is ready. */
  static async start(options: NetworkOptions): Promise<Network> {
    const folder = options.data === undefined ? await temporaryFolder('network') : undefined;
    const data = options.data ?? folder?.path ?? '';
    const port = await freePort();
    const seeds = (options.seeds ?? []).join(',');
    const args = [
      'up',
      '--data',
      data,
      '--port',
      String(port),
      '--seed',
      seeds,
      '--json',
      '--verbose',
      '--until-stdin-ends',
    ];
    const up = new Program([ASSAY, ...args], { npm_config_registry: options.registry });
    const network = new Network(up, port, data, folder);
    try {
      await up.line('ready', ({ event }) => event === 'ready', READY_TIMEOUT_MS);
    } catch (error) {
      await network.stop().catch(() => undefined);
      throw error;
    }
    for (const { event, name, pid } of up.lines) {
      if (event === 'process') network.#pids.set(String(name), Number(pid));
    }
    return network;
  }

  /** Lines that `assay up` has printed. */
  get lines(): readonly JsonLine[] {
    return this.#up.lines;
  }

  /** Process ids by name: the authorities, and `relay`. */
  get pids(): ReadonlyMap<string, number> {
    return this.#pids;
  }

  get authorityCount(): number {
    return this.#pids.size - 1;
  }

  /** What clients pin. */
  async trust(): Promise<NetworkTrust> {
    return unwrap(trustFromGenesis(new Uint8Array(await readFile(join(this.data, 'genesis.cbor')))));
  }

  /** The data folder of an authority, counted from 0. */
  authorityFolder(index: number): string {
    return join(this.data, `authority-${index + 1}`);
  }

  /** Ends an authority's process at once, as a crash would. */
  async kill(index: number): Promise<void> {
    const pid = await this.pidOf(index);
    process.kill(pid, 'SIGKILL');
    await eventually(`the end of process ${pid}`, () => !isAlive(pid));
  }

  /** Starts a killed authority again by its own command, and waits until it is ready. */
  async restart(index: number): Promise<void> {
    const program = new Program([AUTHORITY_PROGRAM, 'run', '--data', this.authorityFolder(index)]);
    this.#restarted.set(index, program);
    this.#pids.set((await this.trust()).current.authorities[index]?.name ?? '', program.pid);
    await program.line('readiness of the restarted authority', () => true, READY_TIMEOUT_MS);
  }

  /** Restarts an authority that fetches from another registry from now on. */
  async restartWithRegistry(index: number, npmRegistry: string): Promise<void> {
    await this.kill(index);
    const path = join(this.authorityFolder(index), 'config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...config, npmRegistry }));
    await this.restart(index);
  }

  async pidOf(index: number): Promise<number> {
    const name = (await this.trust()).current.authorities[index]?.name ?? '';
    const pid = this.#pids.get(name);
    if (pid === undefined) throw new Error(`there is no process of authority ${index}`);
    return pid;
  }

  /** `/status.json` of the relay. */
  async status(): Promise<StatusDocument> {
    return (await (await fetch(`${this.url}/status.json`)).json()) as StatusDocument;
  }

  /** The relay's checkpoint, as soon as it covers `size` entries. */
  async checkpoint(size: number): Promise<Uint8Array> {
    return await eventually(`a checkpoint of ${size} entries`, async () => {
      const note = new Uint8Array(await (await fetch(`${this.url}/checkpoint`)).arrayBuffer());
      return unwrap(parseCheckpointBody(unwrap(parseNote(note)).text)).size >= size ? note : undefined;
    });
  }

  /** Size and root of the relay's log, or of its first entries. */
  async treeHead(size?: number): Promise<{ readonly size: number; readonly root: Uint8Array }> {
    const log = await this.#log();
    const at = size ?? log.size;
    return { size: at, root: unwrap(await log.rootAt(at)) };
  }

  /** An entry of the relay's log. */
  async entry(index: number): Promise<Uint8Array> {
    return unwrap(await (await this.#log()).entry(index));
  }

  async #log(): Promise<TiledLog> {
    const { size } = unwrap(parseCheckpointBody(unwrap(parseNote(await this.checkpoint(0))).text));
    const read = async (path: string): Promise<Uint8Array | undefined> => {
      const answer = await fetch(`${this.url}/${path}`);
      return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
    };
    const readOnly = (): Promise<never> => Promise.reject(new Error('a log over HTTP is read only'));
    return unwrap(await TiledLog.open({ read, write: readOnly, remove: readOnly }, size));
  }

  /** Runs a command of the command line against this network. */
  assay(...args: string[]): Promise<CommandOutcome> {
    return assay([...args, '--data', this.data]);
  }

  /** Requests a package and insists on its record. Resolves with the log index. */
  async addPackage(purl: string): Promise<number> {
    const { code, last, log } = await this.assay('request', purl);
    if (code !== 0) throw new Error(`${purl} was not added: ${JSON.stringify(last)}\n${log}`);
    return Number(last['index']);
  }

  /** Ctrl-C. The data folder stays if `keepData`. */
  async stop({ keepData = false } = {}): Promise<Ending> {
    const endings = await Promise.allSettled(
      [...this.#restarted.values()].map((program) => program.stop('SIGTERM')),
    );
    const ending = await this.#up.stop('SIGINT');
    if (!keepData) await this.#folder?.remove();
    for (const settled of endings) if (settled.status === 'rejected') throw settled.reason;
    return ending;
  }

  /** Everything the processes logged, for the message of a failure. */
  transcript(): string {
    return [this.#up, ...this.#restarted.values()].map((program) => program.transcript()).join('\n');
  }
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
