import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { verdictWords } from '../../components/verdicts.ts';
import type { NodeApi } from '../node/api.ts';
import type { FileCheck, FileProgress, GivenFile } from '../node/file-api.ts';
import type { Announcer } from './announcer.svelte.ts';
import { sortGiven, type Given } from './given-files.ts';
import { asAssayError, type NodeState } from './node-state.svelte.ts';

/** A file that is being checked or was. */
export interface FileRun {
  readonly id: number;
  readonly given: Given;
  /** The version that the reader says it is. */
  readonly purl?: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly progress?: FileProgress;
  readonly verification?: Verification;
  /** What was found out about the file besides; not of an evidence file. */
  readonly check?: FileCheck;
  readonly error?: AssayError;
}

/** What a run was about: the evidence file, or the file itself. */
export function givenFile({ given }: FileRun): GivenFile {
  return given.kind === 'evidence' ? given.evidence : given.file;
}

/** The files given to this tab, those given last first. They are checked one after the other, while the reader looks at other pages too. */
export class FileChecks {
  list = $state.raw<readonly FileRun[]>([]);
  readonly #node: NodeState;
  readonly #announcer: Announcer;
  #running: { readonly id: number; readonly stop: AbortController } | undefined;
  #lastId = 0;

  constructor(node: NodeState, announcer: Announcer) {
    this.#node = node;
    this.#announcer = announcer;
  }

  async add(files: readonly GivenFile[]): Promise<void> {
    const runs = (await sortGiven(files)).map((given): FileRun => ({
      id: ++this.#lastId,
      given,
      state: 'waiting',
    }));
    this.list = [...runs, ...this.list];
    this.work();
  }

  /** Checks a file once more, as the version named, if one is. */
  again(id: number, purl?: string): void {
    this.list = this.list.map((run) =>
      run.id === id ? { id, given: run.given, state: 'waiting', ...(purl !== undefined && { purl }) } : run,
    );
    this.work();
  }

  /** Checks once more what could not be checked, because more of the log is here now. */
  reconsider(): void {
    for (const { id, given, purl, verification } of this.list) {
      if (given.kind === 'file' && verification?.verdict === 'could-not-check') this.again(id, purl);
    }
  }

  /** Forgets a file, and stops checking it. */
  remove(id: number): void {
    this.list = this.list.filter((run) => run.id !== id);
    if (this.#running?.id === id) this.#running.stop.abort();
  }

  clear(): void {
    this.list = [];
    this.#running?.stop.abort();
  }

  /** Begins with the next file that waits, once the node is there. */
  work(): void {
    const { api } = this.#node;
    const next = this.list.find(({ state }) => state === 'waiting');
    if (api === undefined || next === undefined || this.#running !== undefined) return;
    const stop = new AbortController();
    this.#running = { id: next.id, stop };
    void this.#check(api, next, stop.signal).finally(() => {
      this.#running = undefined;
      this.work();
    });
  }

  async #check(api: NodeApi, { id, given, purl }: FileRun, signal: AbortSignal): Promise<void> {
    this.#update(id, { state: 'running' });
    const onProgress = (progress: FileProgress): void => this.#update(id, { progress });
    try {
      const found = await lookAt(api, given, purl, onProgress, signal);
      this.#update(id, { state: 'done', ...found });
      if (!signal.aborted) this.#announce(id);
    } catch (error) {
      this.#update(id, { state: 'failed', error: asAssayError(error) });
    }
  }

  #announce(id: number): void {
    const run = this.list.find((one) => one.id === id);
    if (run?.verification === undefined) return;
    this.#announcer.say(`${givenFile(run).name}: ${verdictWords[run.verification.verdict]}`);
  }

  #update(id: number, change: Partial<FileRun>): void {
    this.list = this.list.map((run) => (run.id === id ? { ...run, ...change } : run));
  }
}

async function lookAt(
  api: NodeApi,
  given: Given,
  purl: string | undefined,
  onProgress: (progress: FileProgress) => void,
  signal: AbortSignal,
): Promise<Pick<FileRun, 'verification' | 'check'>> {
  if (given.kind === 'evidence') {
    return { verification: await api.verifyEvidence(given.evidence, given.file, onProgress, signal) };
  }
  const check = await api.verifyFile(given.file, purl, onProgress, signal);
  return { check, verification: check.verification };
}
