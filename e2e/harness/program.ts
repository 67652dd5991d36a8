import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

/** The repository's root folder: programs are started there, as a user would. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
const STOP_TIMEOUT_MS = 20_000;
const KEPT_LOG_LINES = 400;

/** One line of JSON that a program printed. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A TypeScript program run by Node as a process of its own, which prints JSON lines. */
export class Program {
  readonly lines: JsonLine[] = [];
  readonly log: string[] = [];
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  #ending: Ending | undefined;

  /** Starts `node PROGRAM ARGS…` in the repository's root. Its standard input ends when this process ends. */
  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(process.execPath, args, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const { stdout, stderr } = this.#process;
    if (stdout !== null) createInterface(stdout).on('line', (line) => this.#printed(line));
    if (stderr !== null) createInterface(stderr).on('line', (line) => this.#logged(line));
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', (code, signal) => {
        this.#ending = { code, signal };
        resolve(this.#ending);
      });
    });
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('the program could not be started');
    return pid;
  }

  get running(): boolean {
    return this.#ending === undefined;
  }

  /** The first line, printed already or still to come, that matches. */
  async line(what: string, matches: (line: JsonLine) => boolean, timeoutMs?: number): Promise<JsonLine> {
    const found = await eventually(
      what,
      () => this.lines.find(matches) ?? (this.running ? undefined : 'ended'),
      timeoutMs,
    ).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${this.transcript()}`, { cause });
    });
    if (found === 'ended') throw new Error(`the program ended before: ${what}\n${this.transcript()}`);
    return found;
  }

  /** Sends a signal and waits for the end. One that does not end is killed, and that is an error. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Ending> {
    if (!this.running) return await this.ended;
    this.#process.kill(signal);
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const ending = await this.ended;
    clearTimeout(timer);
    if (ending.signal === 'SIGKILL' && signal !== 'SIGKILL') {
      throw new Error(`the program did not end after ${signal}\n${this.transcript()}`);
    }
    return ending;
  }

  /** What it printed and logged, for the message of a failure. */
  transcript(): string {
    return [...this.lines.map((line) => JSON.stringify(line)), ...this.log].slice(-KEPT_LOG_LINES).join('\n');
  }

  #printed(line: string): void {
    try {
      this.lines.push(JSON.parse(line) as JsonLine);
    } catch {
      this.#logged(line);
    }
  }

  #logged(line: string): void {
    this.log.push(line);
    if (this.log.length > KEPT_LOG_LINES) this.log.shift();
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
