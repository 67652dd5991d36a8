import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import type { AssayError } from '@assay/core/errors/assay-error.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import type * as api from '../lib/node/api.ts';
import type { AuthoritiesView, AuthorityRecordsView } from '../lib/node/authority-api.ts';
import type * as files from '../lib/node/file-api.ts';
import { authoritiesFixture, authorityRecordsFixture } from './authority-fixtures.ts';
import { fakeDigestAnswer, fakeEvidenceCheck, fakeFileCheck, type FakeFileOptions } from './fake-files.ts';
import {
  authorityNames,
  entryFixture,
  fakeHex,
  fixtureNow,
  versionFixture,
  versionSeeds,
} from './fixtures.ts';
import type { LogRecord } from '@assay/core/records/types.ts';
import { networkFixture, storageFixture } from './network-fixtures.ts';
import { verificationFixture } from './verifications.ts';

/** Everything a test may decide about the fake node. */
export interface FakeNodeOptions extends FakeFileOptions {
  readonly status?: Partial<api.NodeStatus>;
  readonly versions?: readonly api.VersionView[];
  /** Records of the log in place of those it would otherwise hold, by index. */
  readonly records?: ReadonlyMap<number, LogRecord>;
  /** The outcome of `verify`; the default passes every rung whose evidence is held. */
  readonly verify?: (view: api.VersionView | undefined, artifact: string | undefined) => Verification;
  /** Progress of every download, in order; it ends with the last unless `fetchEnds` is false. */
  readonly fetchSteps?: readonly api.FetchProgress[];
  readonly fetchEnds?: boolean;
  /** Progress of every request, in order; the last is the answer. */
  readonly requestSteps?: readonly api.RequestProgress[];
  readonly authorities?: AuthoritiesView;
  readonly authorityRecords?: AuthorityRecordsView;
  readonly network?: api.NetworkView;
  readonly storage?: api.StorageView;
  readonly unfinished?: readonly api.UnfinishedFetch[];
  readonly interrupted?: readonly { readonly purl: string; readonly artifact: string }[];
  readonly openRequests?: readonly string[];
  /** Every question is answered by this error. */
  readonly failure?: AssayError;
  /** Milliseconds until a question is answered. */
  readonly answerAfterMs?: number;
}

/** Status of a node that has replayed everything. */
export const syncedStatus: api.NodeStatus = {
  phase: 'synced',
  size: 12_480,
  target: 12_480,
  freshAsOf: fixtureNow - 8,
  lastSyncAt: fixtureNow - 8,
  leader: true,
  peers: 3,
  network: { id: fakeHex(42), origin: 'assay.local/4b91e116', authorities: 4, quorum: 3 },
};

/** A node without a network, for tests and the development page: answers what it was told to answer. */
export class FakeNode implements api.NodeApi {
  status: api.NodeStatus;
  /** What was asked of the node, in order, as `name argument …`. */
  readonly calls: string[] = [];
  #versions: api.VersionView[];
  #authorities: AuthoritiesView | undefined;
  readonly #options: FakeNodeOptions;
  readonly #statusListeners = new Set<(status: api.NodeStatus) => void>();
  readonly #growthListeners = new Set<(size: number) => void>();

  constructor(options: FakeNodeOptions = {}) {
    this.#options = options;
    this.#versions = [...(options.versions ?? versionSeeds.map(versionFixture))];
    this.status = { ...syncedStatus, ...options.status };
  }

  /** Tells every listener of a change of status. */
  setStatus(change: Partial<api.NodeStatus>): void {
    this.status = { ...this.status, ...change };
    for (const listener of this.#statusListeners) listener(this.status);
  }

  /** The log grows by a version. */
  add(version: api.VersionView): void {
    this.#versions = [version, ...this.#versions];
    this.setStatus({ size: this.status.size + 2, target: this.status.size + 2 });
    for (const listener of this.#growthListeners) listener(this.status.size);
  }

  subscribe(listener: (status: api.NodeStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onGrowth(listener: (size: number) => void): () => void {
    this.#growthListeners.add(listener);
    return () => this.#growthListeners.delete(listener);
  }

  async search(query: string, limit = 50): Promise<api.SearchAnswer> {
    await this.#asked('search', query);
    const words = query.toLowerCase().split(/\s+/);
    const hits = this.#versions
      .map((version) => version.summary)
      .filter(({ name, description }) =>
        words.every((word) => `${name} ${description}`.toLowerCase().includes(word)),
      )
      .slice(0, limit);
    return { hits, searched: this.status.size, ms: 1.4 };
  }

  async recent(limit: number): Promise<readonly api.VersionSummary[]> {
    await this.#asked('recent');
    return this.#versions.slice(0, limit).map((version) => version.summary);
  }

  async versions(packageName: string): Promise<readonly api.VersionSummary[]> {
    await this.#asked('versions', packageName);
    return this.#versions.map((version) => version.summary).filter((summary) => summary.name === packageName);
  }

  async version(purl: string): Promise<api.VersionView | undefined> {
    await this.#asked('version', purl);
    return this.#find(purl);
  }

  async verify(purl: string, artifact?: string): Promise<Verification> {
    await this.#asked('verify', purl, artifact ?? '');
    const view = this.#find(purl);
    return (this.#options.verify ?? verifyHonestly)(view, artifact);
  }

  async verifyFile(
    file: files.GivenFile,
    purl: string | undefined,
    onProgress: (progress: files.FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<files.FileCheck> {
    await this.#asked('verifyFile', file.name, purl ?? '');
    await this.#readFile(onProgress, signal);
    return fakeFileCheck(file, purl, this.#versions, this.#options);
  }

  async verifyEvidence(
    _evidence: Blob,
    file: files.GivenFile | undefined,
    onProgress: (progress: files.FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification> {
    await this.#asked('verifyEvidence', file?.name ?? '');
    await this.#readFile(onProgress, signal);
    return fakeEvidenceCheck(file, this.#versions, this.#options);
  }

  async findDigest(sha256: string): Promise<files.DigestAnswer> {
    await this.#asked('findDigest', sha256);
    return fakeDigestAnswer(sha256, this.#versions, this.status.size, this.status.phase !== 'syncing');
  }

  async fetch(
    purl: string,
    artifact: string,
    onProgress: (progress: api.FetchProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification> {
    await this.#asked('fetch', purl, artifact);
    for (const step of this.#options.fetchSteps ?? []) onProgress(step);
    if (this.#options.fetchEnds === false) await untilAborted(signal);
    const failed = this.#options.fetchSteps?.at(-1)?.error;
    if (failed !== undefined) throw failed;
    this.#setHeld(purl, true);
    return this.verify(purl, artifact);
  }

  async unfinished(): ReturnType<api.NodeApi['unfinished']> {
    await this.#asked('unfinished');
    return this.#options.unfinished ?? [];
  }

  takeInterrupted(): readonly { readonly purl: string; readonly artifact: string }[] {
    return this.#options.interrupted ?? [];
  }

  async read(purl: string, artifact: string): Promise<Blob> {
    await this.#asked('read', purl, artifact);
    return new Blob(['the verified bytes']);
  }

  async files(purl: string, artifact: string): Promise<readonly { path: string; size: number }[]> {
    await this.#asked('files', purl, artifact);
    return [
      { path: 'package.json', size: 812 },
      { path: 'README.md', size: 9321 },
      { path: 'src/index.js', size: 2210 },
      { path: 'src/a-file-with-a-rather-long-name-in-a-folder.test.js', size: 120 },
    ];
  }

  async file(purl: string, artifact: string, path: string): Promise<Uint8Array> {
    await this.#asked('file', purl, artifact, path);
    const { packageJson = { name: 'fixture', version: '1.0.0' } } = this.#options;
    if (path === 'package.json') return new TextEncoder().encode(JSON.stringify(packageJson));
    return new TextEncoder().encode(`// ${path}\n\nexport function answer() {\n  return 42;\n}\n`);
  }

  async exportEvidence(purl: string, artifact?: string): Promise<string> {
    await this.#asked('exportEvidence', purl, artifact ?? '');
    return JSON.stringify({ format: 'assay-evidence/1', purl });
  }

  async request(
    purl: string,
    onProgress: (progress: api.RequestProgress) => void,
  ): Promise<api.RequestProgress> {
    await this.#asked('request', purl);
    const steps = this.#options.requestSteps ?? [queuedRequest(purl)];
    for (const step of steps) onProgress(step);
    return steps.at(-1) ?? queuedRequest(purl);
  }

  async openRequests(): Promise<readonly string[]> {
    await this.#asked('openRequests');
    return this.#options.openRequests ?? [];
  }

  async entries(from: number, to: number): Promise<readonly api.EntryView[]> {
    await this.#asked('entries', String(from), String(to));
    return Array.from({ length: to - from }, (_, offset) => this.#entry(from + offset));
  }

  async entry(index: number): Promise<api.EntryView | undefined> {
    await this.#asked('entry', String(index));
    return index < this.status.size ? this.#entry(index) : undefined;
  }

  #entry(index: number): api.EntryView {
    const entry = entryFixture(index, this.#versions);
    return { ...entry, record: this.#options.records?.get(index) ?? entry.record };
  }

  async checkpoint(): Promise<api.CheckpointView | undefined> {
    await this.#asked('checkpoint');
    const { freshAsOf, network, size } = this.status;
    if (freshAsOf === undefined || network === undefined) return undefined;
    const signature = `— ${network.origin}/Ayla ${btoa(fakeHex(3))}\n`;
    return {
      text: `${network.origin}\n${size}\n${btoa(fakeHex(5))}\n\n${signature.repeat(4)}`,
      size,
      root: fakeHex(5),
      freshAsOf,
      cosigners: authorityNames.map((name) => ({ name, time: freshAsOf })),
      quorum: network.quorum,
    };
  }

  /** What the relay and the log say of the authorities is another from now on. */
  setAuthorities(view: AuthoritiesView): void {
    this.#authorities = view;
  }

  async authorities(): Promise<AuthoritiesView> {
    await this.#asked('authorities');
    return this.#authorities ?? this.#options.authorities ?? authoritiesFixture();
  }

  async authorityRecords(): Promise<AuthorityRecordsView | undefined> {
    await this.#asked('authorityRecords');
    if (this.status.light === true) return undefined;
    return this.#options.authorityRecords ?? authorityRecordsFixture();
  }

  async network(): Promise<api.NetworkView> {
    await this.#asked('network');
    return this.#options.network ?? networkFixture;
  }

  async storage(): Promise<api.StorageView> {
    await this.#asked('storage');
    return this.#options.storage ?? storageFixture(this.#versions);
  }

  async pin(purl: string, artifact: string, pinned: boolean): Promise<void> {
    await this.#asked('pin', purl, artifact, String(pinned));
  }

  async remove(purl: string, artifact: string): Promise<void> {
    await this.#asked('remove', purl, artifact);
    this.#setHeld(purl, false);
  }

  #modeChoice: ModeChoice = 'automatic';

  modeChoice(): Promise<ModeChoice> {
    return Promise.resolve(this.#modeChoice);
  }

  async chooseMode(choice: ModeChoice): Promise<void> {
    this.#modeChoice = choice;
    this.setStatus({ light: choice === 'light' });
    await Promise.resolve();
  }

  async reset(): Promise<void> {
    await this.#asked('reset');
    this.#versions = [];
  }

  async syncNow(): Promise<void> {
    await this.#asked('syncNow');
  }

  async #readFile(
    onProgress: (progress: files.FileProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const step of this.#options.fileSteps ?? []) onProgress(step);
    if (this.#options.fileEnds === false) await untilAborted(signal);
  }

  async #asked(...call: readonly string[]): Promise<void> {
    this.calls.push(call.filter((part) => part !== '').join(' '));
    const { answerAfterMs } = this.#options;
    if (answerAfterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, answerAfterMs));
    if (this.#options.failure !== undefined) throw this.#options.failure;
  }

  #find(purl: string): api.VersionView | undefined {
    return this.#versions.find((version) => version.summary.purl === purl);
  }

  #setHeld(purl: string, held: boolean): void {
    this.#versions = this.#versions.map((version) =>
      version.summary.purl === purl
        ? {
            ...version,
            summary: { ...version.summary, held },
            artifacts: version.artifacts.map((artifact) => ({ ...artifact, held })),
          }
        : version,
    );
  }
}

/** Verified when the bytes are under test; without them the rungs of the file are missing; unknown purls are not in the log. */
function verifyHonestly(view: api.VersionView | undefined, artifact: string | undefined): Verification {
  if (view === undefined) {
    return verificationFixture(undefined, {
      verdict: 'not-in-log',
      missing: ['bytes', 'blocks', 'record', 'inclusion', 'agreement'],
    });
  }
  return verificationFixture(view, artifact === undefined ? { missing: ['bytes', 'blocks'] } : {});
}

function queuedRequest(purl: string): api.RequestProgress {
  return {
    id: fakeHex(1, 16),
    purl,
    state: 'queued',
    needed: 3,
    agreed: 0,
    authorities: authorityNames.map((name) => ({ name, state: 'waiting' })),
  };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new Error('stopped')));
  });
}
