import { createHash } from 'node:crypto';
import { setImmediate as otherTasks } from 'node:timers/promises';
import { aboutFromPackageJson } from '@assay/core/archive/about.ts';
import { openNpmTarball } from '@assay/core/archive/npm-tarball.ts';
import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { decodeCapability } from '@assay/core/eris/capability.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import { integrityDigest } from '@assay/core/records/artifact-add.ts';
import { proposalToCbor, readProposal, type ProposedAdd } from '@assay/core/records/proposal.ts';
import { formatPurl, packageName, type Purl } from '@assay/core/records/purl.ts';
import type { Artifact } from '@assay/core/records/types.ts';
import type { ArtifactStore } from '@assay/core/swarm/block-store.ts';
import { piecesOf } from './pieces.ts';
import type { NpmRegistry, Release } from './npm-registry.ts';
import { keepPack } from './keep-pack.ts';

/** What this authority got for itself, and from where. */
export interface Mirrored {
  readonly proposal: ProposedAdd;
  readonly upstream: string;
}

/** Downloads package versions and says what they are. Throws AssayErrors. */
export interface NpmMirror {
  mirror(purl: Purl, signal: AbortSignal): Promise<Mirrored>;
  /** Removes the packs of a proposal from the store. */
  discard(proposal: ProposedAdd): Promise<void>;
}

/** A mirror of one registry that keeps what it got in its own artifact store. */
export function createNpmMirror(options: {
  readonly registry: NpmRegistry;
  readonly store: ArtifactStore;
  /** The network's limit. */
  readonly maxArtifactBytes: number;
}): NpmMirror {
  const { registry, store, maxArtifactBytes } = options;
  const unpacking = new Turns();
  return {
    async mirror(purl, signal) {
      const release = await registry.release(purl, signal);
      const tarball = await registry.tarball(purl, release, maxArtifactBytes, signal);
      const proposal = await unpacking.take(() => propose(store, purl, release, tarball, signal));
      return { proposal, upstream: `${release.tarball.origin}${release.tarball.pathname}` };
    },
    async discard({ artifacts }) {
      for (const { eris } of artifacts) await store.remove(unwrap(decodeCapability(eris)).rootReference);
    },
  };
}

/** Checks a tarball against what the registry states, keeps its pack and says what it is. */
async function propose(
  store: ArtifactStore,
  purl: Purl,
  release: Release,
  tarball: Uint8Array,
  signal: AbortSignal,
): Promise<ProposedAdd> {
  throwIfAborted(signal);
  const { sha256, sha512 } = await digestsOf(tarball);
  if (!equalBytes(sha512, unwrap(integrityDigest(release.integrity)))) {
    throw new AssayError('E_UPSTREAM_INTEGRITY', { name: versionName(purl) });
  }
  const packageJson = await packageJsonOf(tarball, purl);
  throwIfAborted(signal);
  const name = `${purl.name}-${purl.version ?? ''}.tgz`;
  const eris = await keepPack(store, tarball, { purl: formatPurl(purl), name });
  const mediaType = isGzip(tarball) ? 'application/gzip' : 'application/x-tar';
  const artifact: Artifact = { name, mediaType, size: tarball.length, sha256, eris };
  const proposal: ProposedAdd = {
    kind: 'artifact-add',
    v: 1,
    purl: formatPurl(purl),
    artifacts: [artifact],
    about: aboutFromPackageJson(packageJson),
    provenance: { method: 'mirrored', source: { registry: 'npm', integrity: release.integrity } },
  };
  return unwrap(readProposal(proposalToCbor(proposal), '$'));
}

/** One piece of work after the other: what a tarball unpacks to is far larger than itself, and is in memory once only. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }
}

async function digestsOf(tarball: Uint8Array): Promise<{ sha256: Uint8Array; sha512: Uint8Array }> {
  const sha256 = createHash('sha256');
  const sha512 = createHash('sha512');
  for await (const piece of piecesOf(tarball)) {
    sha256.update(piece);
    sha512.update(piece);
  }
  return { sha256: new Uint8Array(sha256.digest()), sha512: new Uint8Array(sha512.digest()) };
}

/** The `package.json` in the tarball, which must be about the very version that was asked for. */
async function packageJsonOf(tarball: Uint8Array, purl: Purl): Promise<Readonly<Record<string, unknown>>> {
  const name = versionName(purl);
  const opened = await openNpmTarball(tarball);
  await otherTasks();
  if (!opened.ok) {
    const reason = opened.error.message.replace(/\.$/, '');
    throw new AssayError('E_UPSTREAM_TARBALL', { name, reason }, opened.error);
  }
  const { packageJson } = opened.value;
  const found = `${text(packageJson['name'])}@${text(packageJson['version']).replace(/^[\s=v]+/, '')}`.trim();
  if (found !== name) throw new AssayError('E_UPSTREAM_NAME', { name, found: found.slice(0, MAX_SHOWN) });
  return packageJson;
}

/** Longest piece of a foreign name that goes into an error. */
const MAX_SHOWN = 300;

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function versionName(purl: Purl): string {
  return `${packageName(purl)}@${purl.version ?? ''}`;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
