import { join } from 'node:path';
import { assay } from './command-line.ts';
import { eventually } from './eventually.ts';
import { freePort, type Network } from './network.ts';
import { operate, operatorStatus, type OperatorStatus } from './operator.ts';
import { isAlive, Program } from './program.ts';

const AUTHORITY_PROGRAM = 'authority/src/main.ts';
const READY_TIMEOUT_MS = 60_000;

/** The authorities of a network whose set changes, by name, wherever their folders are. */
export class Members {
  readonly #network: Network;
  readonly #folders = new Map<string, string>();
  /** Processes that a test has started. */
  readonly #programs = new Map<string, Program>();

  private constructor(network: Network) {
    this.#network = network;
  }

  /** Of a network that `assay up` has started. */
  static async of(network: Network): Promise<Members> {
    const members = new Members(network);
    const { genesis } = await network.trust();
    genesis.authorities.forEach(({ name }, index) =>
      members.#folders.set(name, network.authorityFolder(index)),
    );
    return members;
  }

  folder(name: string): string {
    const folder = this.#folders.get(name);
    if (folder === undefined) throw new Error(`there is no authority ${name}`);
    return folder;
  }

  /** Sets a new authority up with `assay authority init` and runs it. Resolves with its candidate file. */
  async join(name: string, registry: string): Promise<string> {
    const folder = join(this.#network.data, name);
    const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`;
    const options = ['--data', folder, '--name', name, '--network', this.#network.data, '--listen', listen];
    const made = await assay(['authority', 'init', ...options, '--registry', registry]);
    if (made.code !== 0)
      throw new Error(`${name} could not be set up: ${JSON.stringify(made.last)} ${made.log}`);
    this.#folders.set(name, folder);
    await this.start(name);
    return String(made.last['candidate']);
  }

  /** Runs an authority by its own command. */
  async start(name: string): Promise<void> {
    const program = new Program([AUTHORITY_PROGRAM, 'run', '--data', this.folder(name)]);
    this.#programs.set(name, program);
    await program.line(`readiness of ${name}`, ({ ready }) => ready === true, READY_TIMEOUT_MS);
  }

  /** Ends an authority's process at once, as a crash would. */
  async kill(name: string): Promise<void> {
    const pid = this.#programs.get(name)?.pid ?? this.#network.pids.get(name);
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
    await eventually(`the end of ${name}`, () => !isAlive(pid));
  }

  /** Runs `assay authority ACTION … --data FOLDER` for one of them. */
  async command(name: string, ...args: string[]) {
    return await assay(['authority', ...args, '--data', this.folder(name)]);
  }

  /** The operators of these authorities approve one and the same change. */
  async approve(
    by: readonly string[],
    change: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<void> {
    const body = { add: change.add ?? [], remove: change.remove ?? [] };
    await Promise.all(by.map((name) => operate(this.folder(name), 'POST', '/approve', body)));
  }

  status(name: string): Promise<OperatorStatus> {
    return operatorStatus(this.folder(name));
  }

  /** Waits until those asked, all of them unless told otherwise, say that `names` are the members in `epoch`. */
  async epoch(epoch: number, names: readonly string[], asked: readonly string[] = names): Promise<void> {
    const expected = JSON.stringify([epoch, names.toSorted()]);
    let seen: string[] = [];
    await eventually(
      `epoch ${epoch} with ${names.join(', ')}`,
      async () => {
        const statuses = await Promise.all(asked.map((name) => this.status(name)));
        seen = statuses.map((one) =>
          JSON.stringify([one.epoch, one.members.map((member) => member.name).toSorted()]),
        );
        return seen.every((one) => one === expected);
      },
      45_000,
    ).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\nthey said ${seen.join(' ')}\n${this.transcript()}`, { cause });
    });
  }

  async stop(): Promise<void> {
    await Promise.allSettled([...this.#programs.values()].map((program) => program.stop('SIGTERM')));
  }

  /** What the processes that were started here have logged. */
  transcript(): string {
    return [...this.#programs].map(([name, program]) => `${name}:\n${program.transcript()}`).join('\n');
  }
}
