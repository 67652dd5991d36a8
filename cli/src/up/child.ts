import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AssayError } from '@assay/core/errors/assay-error.ts';

export interface ChildOptions {
  readonly name: string;
  /** TypeScript file that Node runs directly. */
  readonly program: string;
  readonly args: readonly string[];
  /** Each line the process writes to its log. */
  readonly onLog: (line: string) => void;
  /** Called once when the process has ended; `asked` is false when nobody told it to. */
  readonly onExit: (how: {
    readonly asked: boolean;
    readonly code: number | null;
    readonly signal: string | null;
  }) => void;
}

/** A process that has not said it is ready within this time is given up. */
const READY_TIMEOUT_MS = 60_000;
/** After being asked to end, a process has this long to close its files. */
const STOP_TIMEOUT_MS = 8_000;
/** Last log lines kept to explain a start that failed. */
const KEPT_LINES = 20;

/**
 * A long-running process of the local network. It gets no shell, and its standard input is a pipe that closes when this process ends
 * in whatever way, so that none is left behind.
 */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  readonly #exited: Promise<void>;
  #asked = false;

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#process = spawn(process.execPath, [options.program, ...options.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C reaches the whole process group of a terminal; only this process is to act on it.
      detached: true,
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        options.onExit({ asked: this.#asked, code, signal });
        resolve();
      });
      this.#process.once('error', () => resolve());
    });
    if (this.#process.stderr !== null) {
      createInterface(this.#process.stderr).on('line', (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
        options.onLog(line);
      });
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The first line of JSON the process prints. Rejects with `E_PROCESS_START` when it ends or stays silent instead. */
  async ready(): Promise<Record<string, unknown>> {
    const { stdout } = this.#process;
    if (stdout === null) throw this.#failed('it has no output');
    const lines = createInterface(stdout);
    const line = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(resolve, READY_TIMEOUT_MS, undefined);
      const settle = (text?: string): void => {
        clearTimeout(timer);
        resolve(text);
      };
      lines.once('line', settle);
      void this.#exited.then(() => settle());
    });
    if (line === undefined) throw this.#failed('it did not become ready');
    try {
      return JSON.parse(line) as Record<string, unknown>;
    } catch (cause) {
      throw this.#failed('its first line is not JSON', cause);
    }
  }

  /** Asks the process to end and waits for it; one that does not listen is killed. */
  async stop(): Promise<void> {
    this.#asked = true;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #failed(reason: string, cause?: unknown): AssayError {
    return new AssayError(
      'E_PROCESS_START',
      { name: this.name, reason: withLog(reason, this.#lastLines) },
      cause,
    );
  }
}

/** Runs a program to its end and gives what it printed. Rejects with `E_PROCESS_START` unless it exits with 0. */
export async function runToEnd(name: string, program: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const log: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) {
    const lines = Buffer.concat(log).toString().trimEnd().split('\n').slice(-KEPT_LINES);
    throw new AssayError('E_PROCESS_START', {
      name,
      reason: withLog(`it ended with code ${code ?? 'none'}`, lines),
    });
  }
  return Buffer.concat(output).toString();
}

function withLog(reason: string, lines: readonly string[]): string {
  return lines.length === 0 ? reason : `${reason}\n  ${lines.join('\n  ')}\n`;
}
