import { concatBytes, equalBytes } from '../encoding/bytes.ts';
import type { LogStore } from '../log/log-store.ts';
import { encodeLookup, splitHashes } from '../lookup/bundle.ts';
import type { ArtifactStore, PackInfo } from '../swarm/block-store.ts';
import type { Evidence, Verification } from '../verify/types.ts';
import { isVerified } from '../verify/verdict.ts';
import { rootOf } from './artifact-pack.ts';
import { keptLookupPath, purlDigest, readKeptLookup, type KeptLookupContext } from './kept-lookup.ts';

/** Most versions with the same bytes whose proofs are kept; more than one is rare. */
const MAX_SHARING = 8;

/**
 * The lookups that held artifacts were verified with, kept beside them for when nobody can be asked. They count for nothing until
 * they are checked again; see `readKeptLookup`. Filed under the root of each pack is the list of the versions it is kept for. One per version, no larger than an answer may be, for as long as its bytes are held.
 */
export class HeldProofs {
  readonly #artifacts: Pick<ArtifactStore, 'list'>;
  readonly #context: () => KeptLookupContext & { readonly store: LogStore };

  /** `context` tells where the node stands now. */
  constructor(
    artifacts: Pick<ArtifactStore, 'list'>,
    context: () => KeptLookupContext & { readonly store: LogStore },
  ) {
    this.#artifacts = artifacts;
    this.#context = context;
  }

  /** Keeps the lookup in an evidence that made blocks verified, unless what is kept was signed as lately. Rejects with `E_STORE…`. */
  async keep(evidence: Evidence, verification: Verification): Promise<void> {
    const { purl, record, artifact: name, checkpoint } = verification;
    const artifact = record?.artifacts.find((one) => one.name === name);
    if (!isVerified(verification) || evidence.artifact?.content.kind !== 'blocks') return;
    const proof = checkpoint && proofOf(evidence, checkpoint.size);
    if (artifact === undefined || checkpoint === undefined || proof === undefined) return;
    const context = this.#context();
    const { store } = context;
    const digest = purlDigest(purl);
    const list = keptLookupPath(rootOf(artifact));
    const listed = await this.#listed(list);
    const files = new Map<string, Uint8Array>();
    if (!listed.some((one) => equalBytes(one, digest))) {
      if (listed.length === MAX_SHARING) return;
      files.set(list, concatBytes(...listed, digest));
    }
    const before = await readKeptLookup(purl, context);
    if (before === undefined || before.checkpoint.freshAsOf < checkpoint.freshAsOf)
      files.set(keptLookupPath(digest), proof);
    await store.write(files);
  }

  /** Forgets the proofs of those packs that are no longer held, but what other packs of the same versions need. Rejects with `E_STORE…`. */
  async forgetGone(packs: readonly Pick<PackInfo, 'root'>[]): Promise<void> {
    const { store } = this.#context();
    const held = await this.#artifacts.list();
    const needed = new Set(
      held.flatMap(({ root, purl }) => [keptLookupPath(root), keptLookupPath(purlDigest(purl))]),
    );
    for (const { root } of packs) {
      const list = keptLookupPath(root);
      if (needed.has(list)) continue;
      const kept = (await this.#listed(list)).map(keptLookupPath);
      await store.remove([list, ...kept.filter((path) => !needed.has(path))]);
    }
  }

  /** Nothing of a damaged list: the proofs it named are replaced or left. */
  async #listed(list: string): Promise<readonly Uint8Array[]> {
    const digests = splitHashes((await this.#context().store.read(list)) ?? new Uint8Array());
    return digests.ok ? digests.value : [];
  }
}

/** The answer to a lookup that would give this evidence to somebody who knows nothing yet. */
function proofOf({ lookup, checkpoint, entry, previous }: Evidence, size: number): Uint8Array | undefined {
  if (lookup === undefined || checkpoint === undefined || entry === undefined) return undefined;
  const { state, edge, ...found } = lookup;
  const head = { checkpoint, state, edge, ...(previous && { consistency: previous.consistency }) };
  return encodeLookup({ ...found, size, head, records: [entry] });
}
