import { AssayError } from '@assay/core/errors/assay-error.ts';
import { packBlockCount } from '@assay/core/eris/tree-shape.ts';
import type { CatalogueEntry } from '@assay/core/node/catalogue.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { isVerified } from '@assay/core/verify/verdict.ts';
import { packageName, parsePackageInput } from '@assay/core/records/purl.ts';
import type { Artifact } from '@assay/core/records/types.ts';
import { formatEvidenceFile } from '@assay/core/verify/evidence-file.ts';
import type * as api from '../../lib/node/api.ts';
import type { ArtifactName, EngineProcedures } from '../../lib/node/engine-procedures.ts';
import type { Handlers } from '../../lib/rpc/procedures.ts';
import { authorityHandlers } from './authority-handlers.ts';
import { fileHandlers } from './file-handlers.ts';
import { PackageFiles, readArtifact } from './package-files.ts';
import type { EnginePlatform } from './platform.ts';
import type { TabEngine } from './tab-engine.ts';
import { checkpointView, entryView, packsByRoot, storedView, summaryView, versionView } from './views.ts';

/** Most entries in one answer. */
const MAX_ENTRIES = 500;

/** Answers the page. What only one tab does is passed on to the leader; everything else is done, and checked, here. */
export function engineHandlers(engine: TabEngine, platform: EnginePlatform): Handlers<EngineProcedures> {
  const { clock, storage } = platform;
  const files = new PackageFiles();
  const ready = async (): Promise<VerifiedNode> => (await engine.running).opened.node;

  return {
    watch: (_input, { news, signal }) =>
      new Promise((_resolve, reject) => {
        const stop = engine.watch(news);
        signal.addEventListener('abort', () => {
          stop();
          reject(new AssayError('E_ABORTED'));
        });
      }),

    async search({ query, limit }) {
      const node = await ready();
      const began = clock.elapsed();
      const found = node.mode === 'light' ? await exactly(node, query) : node.catalogue.search(query, limit);
      const ms = clock.elapsed() - began;
      const packs = packsByRoot(await node.storage());
      return { hits: found.map((entry) => summaryView(entry, packs)), searched: node.log.size, ms };
    },

    async recent(limit) {
      const node = await ready();
      const packs = packsByRoot(await node.storage());
      return node.catalogue.recent(limit).map((entry) => summaryView(entry, packs));
    },

    async versions(name) {
      const node = await ready();
      const packs = packsByRoot(await node.storage());
      return (await node.versions(name)).map((entry) => summaryView(entry, packs));
    },

    async version(purl) {
      const node = await ready();
      const entry = await node.find(purl);
      return entry && versionView(entry, packsByRoot(await node.storage()), node.trust);
    },

    async verify(of, { signal }) {
      const { opened, leader } = await engine.running;
      if (opened.node.state.anchor === undefined) {
        await engine.asked(signal);
        // While no checkpoint was ever accepted, only the leader has seen what was refused.
        if (!engine.leading) return await leader.call('verify', of, { signal });
      }
      return await opened.node.verify(of.purl, of.artifact, signal);
    },

    ...fileHandlers(ready, clock),
    ...authorityHandlers(engine, platform),

    async fetch({ purl, artifact }, { news, signal }) {
      const { opened, leader } = await engine.running;
      const outcome = await leader.call('fetch', { purl, artifact }, { onNews: news, signal });
      return engine.leading || !isVerified(outcome)
        ? outcome
        : await opened.node.verify(purl, artifact, signal);
    },

    async unfinished() {
      return (await (await ready()).unfinished()).map(
        ({ purl, name, blockCount, contentSize, blockSize }) => ({
          purl,
          artifact: name,
          received: blockCount,
          total: packBlockCount(contentSize, blockSize),
        }),
      );
    },

    read: async (of) => new Blob(await readArtifact(await ready(), of)),
    files: async (of) => files.list(await ready(), of),
    file: async ({ path, ...of }) => files.read(await ready(), of, path),

    async exportEvidence({ purl, artifact }, { signal }) {
      const evidence = await (await ready()).evidenceFor(purl, artifact, signal);
      return formatEvidenceFile(evidence, { exportedAt: clock.now() });
    },

    request: async (purl, { news, signal }) =>
      (await engine.running).leader.call('request', purl, { onNews: news, signal }),

    openRequests: async () => (await engine.running).office.open(),

    async entries({ from, to }) {
      const { log } = await ready();
      const end = Math.min(to, log.size, from + MAX_ENTRIES);
      const views: api.EntryView[] = [];
      if (from >= end) return views;
      for await (const { index, bytes } of log.entries(from, end))
        views.push(entryView(index, bytes.slice()));
      return views;
    },

    async checkpoint() {
      const { state, trust } = await ready();
      return state.checkpoint && checkpointView(state.checkpoint, trust);
    },

    async network(_input, { signal }) {
      const view = await (await engine.running).leader.call('network', null, { signal });
      return { ...view, self: { ...view.self, leader: engine.leading } };
    },

    async storage() {
      const { opened } = await engine.running;
      const [{ quota, usage }, persisted, logBytes, packs] = await Promise.all([
        storage.estimate(),
        storage.persisted(),
        opened.stores.log.usage(),
        opened.node.storage(),
      ]);
      return {
        ...(quota !== undefined && { quota }),
        ...(usage !== undefined && { usage }),
        persisted,
        logBytes,
        artifacts: packs.map(storedView),
      };
    },

    async pin({ pinned, ...of }) {
      const node = await ready();
      await node.pin(await artifactOf(node, of), pinned);
      return null;
    },

    async remove(of) {
      const node = await ready();
      await node.remove(await artifactOf(node, of));
      return null;
    },

    modeChoice: () => engine.modeChoice(),

    async chooseMode(choice) {
      await engine.chooseMode(choice);
      return null;
    },

    async reset() {
      await engine.reset();
      return null;
    },

    async syncNow() {
      await (await engine.running).leader.call('syncNow', null);
      return null;
    },
  };
}

/** A light node cannot search, but knows how to ask for the package of exactly this name. */
async function exactly(node: VerifiedNode, query: string): Promise<readonly CatalogueEntry[]> {
  const purl = parsePackageInput(query);
  if (!purl.ok) return [];
  const { version } = purl.value;
  const versions = await node.versions(packageName(purl.value));
  return version === undefined ? versions.slice(0, 1) : versions.filter((one) => one.version === version);
}

async function artifactOf(node: VerifiedNode, { purl, artifact }: ArtifactName): Promise<Artifact> {
  const record = (await node.find(purl))?.record;
  if (record === undefined) throw new AssayError('E_PACKAGE_UNKNOWN', { purl });
  const found = record.artifacts.find(({ name }) => name === artifact);
  if (found === undefined) throw new AssayError('E_ARTIFACT_UNKNOWN', { purl, name: artifact });
  return found;
}
