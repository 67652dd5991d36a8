import type { CborValue } from '@assay/core/encoding/cbor.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import { PortCaller } from '../rpc/caller.ts';
import { portOf, type CallOptions, type Handlers } from '../rpc/procedures.ts';
import { serve } from '../rpc/serve.ts';
import type * as api from './api.ts';
import type { AuthoritiesView, AuthorityRecordsView } from './authority-api.ts';
import type * as files from './file-api.ts';
import type { EngineNews, EngineProcedures, NamedFile } from './engine-procedures.ts';
import { InterruptedFetches } from './interrupted-fetches.ts';
import type { PeerProcedures } from './peer-procedures.ts';

/** What is used of the window. */
export interface NodePlatform {
  /** Starts the engine's worker. */
  startWorker(): Worker;
  /** Runs a libp2p node whenever the engine asks for one. */
  readonly peers: () => Handlers<PeerProcedures>;
  readonly storage: Pick<StorageManager, 'persist' | 'persisted'>;
  /** Lives as long as the tab, over reloads. */
  readonly session: Storage;
}

const DEFAULT_LIMIT = 50;

/** The node as pages see it; all of its work is done in the engine's worker. */
export class WorkerNode implements api.NodeApi {
  readonly #platform: NodePlatform;
  readonly #interrupted: InterruptedFetches;
  readonly #statusListeners = new Set<(status: api.NodeStatus) => void>();
  readonly #growthListeners = new Set<(size: number) => void>();
  #status: api.NodeStatus = starting;
  #engine: PortCaller<EngineProcedures>;
  #stopEngine: () => void = () => undefined;

  constructor(platform: NodePlatform) {
    this.#platform = platform;
    this.#interrupted = new InterruptedFetches(platform.session);
    this.#engine = this.#start();
  }

  get status(): api.NodeStatus {
    return this.#status;
  }

  subscribe(listener: (status: api.NodeStatus) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  onGrowth(listener: (size: number) => void): () => void {
    this.#growthListeners.add(listener);
    return () => this.#growthListeners.delete(listener);
  }

  search(query: string, limit = DEFAULT_LIMIT): Promise<api.SearchAnswer> {
    return this.#engine.call('search', { query, limit });
  }

  recent(limit: number): Promise<readonly api.VersionSummary[]> {
    return this.#engine.call('recent', limit);
  }

  versions(packageName: string): Promise<readonly api.VersionSummary[]> {
    return this.#engine.call('versions', packageName);
  }

  version(purl: string): Promise<api.VersionView | undefined> {
    return this.#engine.call('version', purl);
  }

  verify(purl: string, artifact?: string): Promise<Verification> {
    return this.#engine.call('verify', { purl, artifact });
  }

  verifyFile(
    file: files.GivenFile,
    purl: string | undefined,
    onProgress: (progress: files.FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<files.FileCheck> {
    return this.#engine.call('verifyFile', { ...named(file), purl }, callOptions(onProgress, signal));
  }

  verifyEvidence(
    evidence: Blob,
    file: files.GivenFile | undefined,
    onProgress: (progress: files.FileProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification> {
    const about = file && named(file);
    return this.#engine.call('verifyEvidence', { evidence, about }, callOptions(onProgress, signal));
  }

  findDigest(sha256: string): Promise<files.DigestAnswer> {
    return this.#engine.call('findDigest', sha256);
  }

  async fetch(
    purl: string,
    artifact: string,
    onProgress: (progress: api.FetchProgress) => void,
    signal?: AbortSignal,
  ): Promise<Verification> {
    const end = this.#interrupted.begin({ purl, artifact });
    try {
      const options = callOptions(onProgress, signal);
      const verification = await this.#engine.call('fetch', { purl, artifact }, options);
      if (verification.verdict.startsWith('verified')) void this.#keepStorage();
      return verification;
    } finally {
      end();
    }
  }

  unfinished(): Promise<readonly api.UnfinishedFetch[]> {
    return this.#engine.call('unfinished', null);
  }

  takeInterrupted(): readonly { readonly purl: string; readonly artifact: string }[] {
    return this.#interrupted.take();
  }

  read(purl: string, artifact: string): Promise<Blob> {
    return this.#engine.call('read', { purl, artifact });
  }

  files(purl: string, artifact: string): Promise<readonly { path: string; size: number }[]> {
    return this.#engine.call('files', { purl, artifact });
  }

  file(purl: string, artifact: string, path: string): Promise<Uint8Array> {
    return this.#engine.call('file', { purl, artifact, path });
  }

  exportEvidence(purl: string, artifact?: string): Promise<string> {
    return this.#engine.call('exportEvidence', { purl, artifact });
  }

  request(
    purl: string,
    onProgress: (progress: api.RequestProgress) => void,
    signal?: AbortSignal,
  ): Promise<api.RequestProgress> {
    return this.#engine.call('request', purl, callOptions(onProgress, signal));
  }

  openRequests(): Promise<readonly string[]> {
    return this.#engine.call('openRequests', null);
  }

  entries(from: number, to: number): Promise<readonly api.EntryView[]> {
    return this.#engine.call('entries', { from, to });
  }

  async entry(index: number): Promise<api.EntryView | undefined> {
    return (await this.entries(index, index + 1))[0];
  }

  checkpoint(): Promise<api.CheckpointView | undefined> {
    return this.#engine.call('checkpoint', null);
  }

  async authorities(): Promise<AuthoritiesView> {
    const { unread, ...known } = await this.#engine.call('authorities', null);
    if (unread === undefined) return known;
    const { readStatusReport } = await import('@assay/core/authorities/report.ts');
    const report = readStatusReport(unread.document as CborValue);
    return report.ok ? { ...known, report: { ...report.value, at: unread.at } } : known;
  }

  authorityRecords(): Promise<AuthorityRecordsView | undefined> {
    return this.#engine.call('authorityRecords', null);
  }

  network(): Promise<api.NetworkView> {
    return this.#engine.call('network', null);
  }

  storage(): Promise<api.StorageView> {
    return this.#engine.call('storage', null);
  }

  async pin(purl: string, artifact: string, pinned: boolean): Promise<void> {
    await this.#engine.call('pin', { purl, artifact, pinned });
  }

  async remove(purl: string, artifact: string): Promise<void> {
    await this.#engine.call('remove', { purl, artifact });
  }

  modeChoice(): Promise<ModeChoice> {
    return this.#engine.call('modeChoice', null);
  }

  async chooseMode(choice: ModeChoice): Promise<void> {
    await this.#engine.call('chooseMode', choice);
    this.#restart();
  }

  async reset(): Promise<void> {
    await this.#engine.call('reset', null);
    this.#restart();
  }

  async syncNow(): Promise<void> {
    await this.#engine.call('syncNow', null);
  }

  #start(): PortCaller<EngineProcedures> {
    const worker = this.#platform.startWorker();
    const engine = new MessageChannel();
    const peers = new MessageChannel();
    const stopPeers = serve<PeerProcedures>(portOf(peers.port1), this.#platform.peers());
    worker.postMessage({ engine: engine.port2, peers: peers.port2 }, [engine.port2, peers.port2]);
    this.#stopEngine = () => {
      stopPeers();
      worker.terminate();
      for (const { port1 } of [engine, peers]) port1.close();
    };
    const caller = new PortCaller<EngineProcedures>(portOf(engine.port1));
    let isRunning = false;
    worker.addEventListener('error', ({ message }) => {
      if (isRunning) return;
      const error = new AssayError('E_PAGE_UNEXPECTED', { reason: message || 'the worker did not start' });
      caller.close(error);
      this.#setStatus({ ...this.#status, phase: 'stopped', error });
    });
    const onNews = (news: EngineNews): void => {
      isRunning = true;
      this.#hear(news);
    };
    void caller.call('watch', null, { onNews }).catch(() => undefined);
    return caller;
  }

  #restart(): void {
    this.#stopEngine();
    this.#setStatus(starting);
    this.#engine = this.#start();
  }

  #hear(news: EngineNews): void {
    switch (news.kind) {
      case 'status':
        this.#setStatus(news.status);
        return;
      case 'growth':
        for (const listener of this.#growthListeners) listener(news.size);
        return;
      case 'restart':
        this.#restart();
        return;
      default:
        news satisfies never;
    }
  }

  #setStatus(status: api.NodeStatus): void {
    this.#status = status;
    for (const listener of this.#statusListeners) listener(status);
  }

  /** Asks the browser not to delete what is stored here, once there is something worth keeping. */
  async #keepStorage(): Promise<void> {
    const { storage } = this.#platform;
    if (!(await storage.persisted())) await storage.persist();
  }
}

const starting: api.NodeStatus = { phase: 'starting', size: 0, target: 0, leader: false, peers: 0 };

function callOptions<News>(onNews: (news: News) => void, signal: AbortSignal | undefined): CallOptions<News> {
  return { onNews, ...(signal && { signal }) };
}

function named(file: files.GivenFile): NamedFile {
  return { file, name: file.name };
}
