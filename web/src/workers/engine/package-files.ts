import { openNpmTarball } from '@assay/core/archive/npm-tarball.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import type { VerifiedArtifact, VerifiedNode } from '@assay/core/node/verified-node.ts';
import type { ArtifactName } from '../../lib/node/engine-procedures.ts';

type Files = ReadonlyMap<string, Uint8Array>;

/** The chunks of a stored artifact, every byte checked. Throws the AssayError of whatever is wrong with it. */
export async function readArtifact(
  node: VerifiedNode,
  { purl, artifact }: ArtifactName,
): Promise<BlobPart[]> {
  return await collect(unwrap(await node.readVerified(purl, artifact)));
}

async function collect({ chunks }: VerifiedArtifact): Promise<BlobPart[]> {
  const parts: BlobPart[] = [];
  for await (const chunk of chunks()) parts.push(chunk as Uint8Array<ArrayBuffer>);
  return parts;
}

/** Looks into stored npm tarballs. The one opened last stays open, because a page looks at several of its files, some at the same time. */
export class PackageFiles {
  #last: { readonly key: string; readonly files: Promise<Files> } | undefined;

  async list(node: VerifiedNode, of: ArtifactName): Promise<readonly { path: string; size: number }[]> {
    return [...(await this.#open(node, of))].map(([path, { length: size }]) => ({ path, size }));
  }

  async read(node: VerifiedNode, of: ArtifactName, path: string): Promise<Uint8Array> {
    const bytes = (await this.#open(node, of)).get(path);
    if (bytes === undefined) throw new AssayError('E_REGISTRY_NO_FILE', { name: of.artifact, path });
    return bytes.slice();
  }

  /** The node is asked every time, so that files of a removed or refused artifact are not shown from memory. */
  async #open(node: VerifiedNode, of: ArtifactName): Promise<Files> {
    const key = `${of.purl}#${of.artifact}`;
    const verified = unwrap(await node.readVerified(of.purl, of.artifact));
    if (this.#last?.key === key) return await this.#last.files;
    const opening = { key, files: unpack(verified) };
    this.#last = opening;
    try {
      return await opening.files;
    } catch (error) {
      if (this.#last === opening) this.#last = undefined;
      throw error;
    }
  }
}

async function unpack(verified: VerifiedArtifact): Promise<Files> {
  const tarball = new Uint8Array(await new Blob(await collect(verified)).arrayBuffer());
  return unwrap(await openNpmTarball(tarball)).files;
}
