import { openNpmTarball, type NpmTarball } from '../archive/npm-tarball.ts';
import { concatBytes } from '../encoding/bytes.ts';
import { AssayError } from '../errors/assay-error.ts';
import { unwrap } from '../errors/result.ts';
import type { VerifiedArtifact } from '../node/verified-node.ts';
import { isVerified } from '../node/verified-node.ts';
import type { VerifiedPackages } from './types.ts';

/** Unpacked packages kept for the next file: a page that imports one module usually imports hundreds of the same package. */
const MAX_OPEN = 8;
/** Packages that unpack to more are read anew for every file. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Verified artifacts, fetched when they are not held, and what is inside them. */
export class OpenPackages {
  readonly #packages: VerifiedPackages;
  readonly #open = new Map<string, Promise<NpmTarball>>();

  constructor(packages: VerifiedPackages) {
    this.#packages = packages;
  }

  /** The artifact of a version. Throws what `errorAnswer` turns into a status. */
  async artifact(purl: string, signal?: AbortSignal): Promise<VerifiedArtifact> {
    const held = await this.#packages.read(purl);
    if (held.ok) return held.value;
    if (held.error.code !== 'E_NOT_HELD') throw held.error;
    const verification = await this.#packages.ensure(purl, signal);
    if (isVerified(verification)) return unwrap(await this.#packages.read(purl));
    const broken = verification.rungs.find(({ state }) => state === 'fail');
    const reason = broken ?? verification.rungs.find(({ state }) => state === 'missing');
    if (broken !== undefined)
      throw new AssayError('E_NOT_VERIFIED', { name: purl, verdict: 'mismatch' }, broken.error);
    throw new AssayError('E_REGISTRY_UNAVAILABLE', {
      name: purl,
      reason: reason?.error?.message ?? verification.verdict,
    });
  }

  /** The files of a version. Throws like `artifact`, and `E_TAR…`, `E_NPM…` for what is no npm package. */
  async contents(purl: string, signal?: AbortSignal): Promise<NpmTarball> {
    const artifact = await this.artifact(purl, signal);
    const known = this.#open.get(purl);
    if (known !== undefined) return await known;
    const opening = unpack(artifact);
    this.#open.set(purl, opening);
    try {
      const contents = await opening;
      const bytes = [...contents.files.values()].reduce((sum, file) => sum + file.length, 0);
      if (bytes > MAX_KEPT_BYTES) this.#open.delete(purl);
      this.#makeRoom();
      return contents;
    } catch (error) {
      this.#open.delete(purl);
      throw error;
    }
  }

  #makeRoom(): void {
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) return;
      this.#open.delete(oldest);
    }
  }
}

async function unpack({ chunks }: VerifiedArtifact): Promise<NpmTarball> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks()) parts.push(chunk);
  return unwrap(await openNpmTarball(concatBytes(...parts)));
}
