import { openNpmTarball, type NpmTarball } from '../archive/npm-tarball.ts';
import { concatBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import { SharedJobs } from '../node/shared-jobs.ts';
import type { VerifiedArtifact } from '../node/verified-node.ts';
import { isVerified } from '../verify/verdict.ts';
import type { Verification } from '../verify/types.ts';
import type { VerifiedPackages } from './types.ts';

/**
 * Most bytes of unpacked packages kept for the next file: a page that imports one module usually imports hundreds of the same
 * package, and a service worker may not hold much. A package that unpacks to more is read anew for every file.
 */
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;

interface Kept {
  readonly contents: NpmTarball;
  readonly bytes: number;
}

/** Verified artifacts, fetched when they are not held, and what is inside them. */
export class OpenPackages {
  readonly #packages: VerifiedPackages;
  /** Verified once, however many files of a package are asked for at the same time. */
  readonly #verifying = new SharedJobs<never, VerifiedArtifact>();
  readonly #unpacking = new SharedJobs<never, NpmTarball>();
  /** By purl; what was used last comes last. */
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;

  constructor(packages: VerifiedPackages) {
    this.#packages = packages;
  }

  /** The artifact of a version. Throws what `errorAnswer` turns into a status. */
  async artifact(purl: string, signal?: AbortSignal): Promise<VerifiedArtifact> {
    const run = (_news: unknown, stop: AbortSignal): Promise<VerifiedArtifact> => this.#artifact(purl, stop);
    return await this.#verifying.join(purl, run, { ...(signal && { signal }) });
  }

  /** The files of a version. Throws like `artifact`, and `E_TAR…`, `E_NPM…` for what is no npm package. */
  async contents(purl: string, signal?: AbortSignal): Promise<NpmTarball> {
    const artifact = await this.artifact(purl, signal);
    const kept = this.#kept.get(purl);
    if (kept === undefined) return await this.#unpacking.join(purl, () => this.#unpack(purl, artifact), {});
    this.#kept.delete(purl);
    this.#kept.set(purl, kept);
    return kept.contents;
  }

  async #artifact(purl: string, signal: AbortSignal): Promise<VerifiedArtifact> {
    const held = await this.#packages.read(purl);
    if (held.ok) return held.value;
    if (held.error.code !== 'E_NOT_HELD') throw held.error;
    const verification = await this.#packages.ensure(purl, signal);
    if (isVerified(verification)) return unwrap(await this.#packages.read(purl));
    const broken = verification.rungs.find(({ state }) => state === 'fail');
    if (broken !== undefined)
      throw new AssayError('E_NOT_VERIFIED', { name: purl, verdict: 'mismatch' }, broken.error);
    throw new AssayError('E_REGISTRY_UNAVAILABLE', { name: purl, reason: reasonOf(verification) });
  }

  async #unpack(purl: string, { chunks }: VerifiedArtifact): Promise<NpmTarball> {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks()) parts.push(chunk);
    const contents = unwrap(await openNpmTarball(concatBytes(...parts)));
    const bytes = [...contents.files.values()].reduce((sum, file) => sum + file.length, 0);
    if (bytes <= MAX_KEPT_BYTES) this.#keep(purl, { contents, bytes });
    return contents;
  }

  #keep(purl: string, kept: Kept): void {
    this.#kept.set(purl, kept);
    this.#keptBytes += kept.bytes;
    for (const [oldest, { bytes }] of this.#kept) {
      if (this.#keptBytes <= MAX_KEPT_BYTES) return;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes;
    }
  }
}

/** Why an artifact could not be had: what hindered the fetch rather than that the bytes are therefore missing. */
function reasonOf({ rungs, verdict }: Verification): string {
  const errors = rungs.flatMap(({ error }) => (error === undefined ? [] : [error]));
  const telling = errors.find(({ code }) => code !== 'E_EVIDENCE_MISSING') ?? errors[0];
  return telling?.message.replace(/\.+$/, '') ?? verdict;
}
