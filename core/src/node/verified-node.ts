import type { Clock } from '../clock.ts';
import type { VerifyEd25519Async } from '../crypto/ed25519.ts';
import { toHex } from '../encoding/hex.ts';
import { decodeCapability } from '../eris/capability.ts';
import { decodeStream, type GetBlock } from '../eris/decode.ts';
import { AssayError, isAssayError } from '../errors/assay-error.ts';
import { fail, ok, unwrap, type Result } from '../errors/result.ts';
import type { LookupView } from '../lookup/answer.ts';
import { throwIfAborted } from '../net/deadline.ts';
import type { LogSource, SourceFinder } from '../net/sources.ts';
import type { Artifact, ArtifactAddRecord, NetworkTrust } from '../records/types.ts';
import type { PackDescription, PackInfo } from '../swarm/block-store.ts';
import type { FetchProgress } from '../swarm/fetch-progress.ts';
import { runFetchJob, type Judgement } from '../swarm/fetch-job.ts';
import type { ArtifactContent, Evidence, Verification } from '../verify/types.ts';
import { isVerified } from '../verify/verdict.ts';
import { verify } from '../verify/verify.ts';
import { packOf, rootOf } from './artifact-pack.ts';
import { Catalogue, type CatalogueEntry } from './catalogue.ts';
import { agreementEvidence, logEvidence, ownHistory, type LogEvidence } from './gather-evidence.ts';
import { HeldProofs } from './held-proofs.ts';
import { findByLookup, versionsByLookup } from './light-catalogue.ts';
import { LightLog } from './light-log.ts';
import { LogSync, type SyncOutcome, type SyncState } from './log-sync.ts';
import { SharedJobs } from './shared-jobs.ts';
import type { NodeStores } from './stores.ts';

/** Whether a node has the whole log, replayed and searchable, or only what it asked for, proven piece by piece. */
export type NodeMode = 'full' | 'light';

export interface VerifiedNodeOptions {
  readonly trust: NetworkTrust;
  readonly stores: NodeStores;
  readonly clock: Clock;
  readonly verifySignature: VerifyEd25519Async;
  /** Whom to ask for the log, at the moment of asking. */
  readonly logSources: () => readonly LogSource[];
  /** Whom to ask for artifacts. */
  readonly finder: SourceFinder;
  readonly onSyncProgress?: (progress: { readonly have: number; readonly target: number }) => void;
  /** A pack was verified and stored, or removed: time to announce it, or to withdraw it. */
  readonly onHeld?: (root: Uint8Array, held: boolean) => void;
  /** True where others read the log store as files. */
  readonly published?: boolean;
  /** `light`: replays nothing and asks for the proof of each thing it wants to know. `full` when absent. */
  readonly mode?: NodeMode;
  /** Seconds after which a checkpoint makes a stale view; the verifier's own limit when absent. */
  readonly staleAfter?: number;
}

/** An artifact that was verified, and its bytes. */
export interface VerifiedArtifact {
  readonly record: ArtifactAddRecord;
  readonly artifact: Artifact;
  readonly verification: Verification;
  /** The bytes, once more checked block by block on their way out. */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * A node without senses: keeps the log, judges by `core/verify` alone, fetches, stores and hands out what was verified.
 * Everything it needs of the world it is given.
 */
export class VerifiedNode {
  /** The replayed records, to be searched; empty in a light node. */
  readonly catalogue: Catalogue;
  readonly #options: VerifiedNodeOptions;
  readonly #sync: LogSync | LightLog;
  readonly #proofs: HeldProofs;
  readonly #jobs = new SharedJobs<FetchProgress, Verification>();
  /** Verdicts since this node was opened, each on one file of one version and every stored byte of it, by `checkKey`. */
  readonly #checked = new Map<string, Verification>();

  private constructor(options: VerifiedNodeOptions, sync: LogSync | LightLog, catalogue: Catalogue) {
    this.#options = options;
    this.#sync = sync;
    const { stores, verifySignature } = options;
    this.#proofs = new HeldProofs(stores.artifacts, () => ({
      store: stores.log,
      trust: sync.trust,
      anchor: sync.state.anchor,
      verifySignature,
    }));
    this.catalogue = catalogue;
  }

  /** Replays the stored log, unless light, some ten thousand entries a second, with `onSyncProgress` on the way. */
  static async open(options: VerifiedNodeOptions): Promise<VerifiedNode> {
    const catalogue = new Catalogue();
    const { trust, stores, clock, verifySignature, onSyncProgress, published } = options;
    const shared = { trust, stores, clock, verifySignature, sources: options.logSources };
    if (options.mode === 'light') return new VerifiedNode(options, await LightLog.open(shared), catalogue);
    const sync = await LogSync.open({
      ...shared,
      onRecords: (records) => catalogue.add(records),
      ...(onSyncProgress && { onProgress: onSyncProgress }),
      ...(published !== undefined && { published }),
    });
    return new VerifiedNode(options, sync, catalogue);
  }

  get trust(): NetworkTrust {
    return this.#sync.trust;
  }

  /** How far the log is synced, on which checkpoint, and which sources were refused. */
  get state(): SyncState {
    return this.#sync.state;
  }

  get mode(): NodeMode {
    return this.#sync instanceof LightLog ? 'light' : 'full';
  }

  /** The replayed log, for pages that show entries; without any in a light node. */
  get log(): LogSync['log'] {
    return this.#sync.log;
  }

  /** See LogSync.sync. */
  async sync(signal?: AbortSignal): Promise<Result<SyncOutcome>> {
    const outcome = await this.#sync.sync(signal);
    if (this.state.anchor?.conflict !== undefined) this.#checked.clear();
    return outcome;
  }

  /** Whether the log is replayed up to its checkpoint and uncontested, so that what it does not hold is proven to be absent. */
  get isWhole(): boolean {
    const { anchor } = this.state;
    if (this.mode === 'light') return false;
    return anchor !== undefined && anchor.conflict === undefined && this.log.size === anchor.size;
  }

  /** What lookups of others are answered from; undefined while the log is not whole. */
  get lookups(): LookupView | undefined {
    const { checkpoint } = this.state;
    if (this.#sync instanceof LightLog || !this.isWhole || checkpoint === undefined) return undefined;
    return { log: this.log, packages: this.#sync.packages, checkpoint: checkpoint.bytes };
  }

  /** Whether what `find` and `versions` do not give is proven to be absent; a light node proves that each time, or rejects. */
  get provesAbsence(): boolean {
    return this.isWhole || (this.mode === 'light' && this.state.anchor?.conflict === undefined);
  }

  /** The logged version that a purl names. Rejects in a light node when no source gives an answer that holds. */
  async find(purl: string, signal?: AbortSignal): Promise<CatalogueEntry | undefined> {
    if (!(this.#sync instanceof LightLog)) return this.catalogue.byPurl(purl);
    return await findByLookup(this.#sync, purl, signal);
  }

  /** Every logged version of a package, the record logged last first. Rejects like `find`. */
  async versions(name: string, signal?: AbortSignal): Promise<readonly CatalogueEntry[]> {
    if (!(this.#sync instanceof LightLog)) return this.catalogue.versions(name);
    return await versionsByLookup(this.#sync, name, signal);
  }

  /**
   * Everything this node knows about a version, and the bytes of an artifact (the first, if none is named) where they are held.
   * Asks sources for the attestations when they are not stored yet.
   */
  async evidenceFor(purl: string, artifactName?: string, signal?: AbortSignal): Promise<Evidence> {
    const record = await this.#recordOf(purl, signal);
    const name = artifactName ?? record?.artifacts[0]?.name;
    const artifact = record?.artifacts.find((one) => one.name === name);
    return await this.#evidence(purl, name, await this.#storedContent(artifact), signal);
  }

  /** Climbs the ladder now, from the stored bytes up. Never answered from memory. */
  async verify(purl: string, artifactName?: string, signal?: AbortSignal): Promise<Verification> {
    const evidence = await this.evidenceFor(purl, artifactName, signal);
    const verification = await this.#judge(evidence);
    // The verdict stands whether or not there is room for its proof.
    await this.#proofs.keep(evidence, verification).catch(() => undefined);
    return verification;
  }

  /** Judges bytes from outside the store, such as a file on disk, as an artifact of a version. */
  async verifyContent(
    purl: string,
    artifactName: string,
    content: ArtifactContent,
    signal?: AbortSignal,
  ): Promise<Verification> {
    return await this.#judge(await this.#evidence(purl, artifactName, content, signal));
  }

  /** Judges evidence from elsewhere. As far as this node's history reaches, the evidence is held to that instead of its own. */
  async verifyEvidence(evidence: Evidence): Promise<Verification> {
    return await this.#judge({ ...evidence, ...(await ownHistory(this.#sync, evidence.checkpoint)) });
  }

  /**
   * Fetches, verifies and only then stores an artifact. What could not be had or did not hold is in the verification. Rejects with
   * `E_ARTIFACT_UNKNOWN`, `E_ABORTED` or `E_STORE…`. A second call for the same bytes joins the first.
   */
  async fetch(
    purl: string,
    artifactName: string,
    options: { onProgress?: (progress: FetchProgress) => void; signal?: AbortSignal } = {},
  ): Promise<Verification> {
    const record = await this.#recordOf(purl, options.signal);
    if (record === undefined) return await this.verify(purl, artifactName, options.signal);
    const artifact = record.artifacts.find(({ name }) => name === artifactName);
    if (artifact === undefined) throw new AssayError('E_ARTIFACT_UNKNOWN', { purl, name: artifactName });
    const pack = packOf(record, artifact);
    for (;;) {
      const verification = await this.#jobs.join(
        toHex(pack.root),
        (onProgress, signal) => this.#fetch(pack, onProgress, signal),
        options,
      );
      // Two versions may hold the same bytes. A verdict on one of them says nothing of the other.
      if (verification.purl === purl && verification.artifact === artifactName) return verification;
    }
  }

  /**
   * A stored artifact, every byte of which was checked before this resolves. `E_PACKAGE_UNKNOWN`, `E_ARTIFACT_UNKNOWN`, `E_NOT_HELD`, or
   * `E_NOT_VERIFIED` when the ladder breaks.
   */
  async readVerified(purl: string, artifactName?: string): Promise<Result<VerifiedArtifact>> {
    const record = await this.#recordOf(purl);
    if (record === undefined) return fail('E_PACKAGE_UNKNOWN', { purl });
    const name = artifactName ?? record.artifacts[0]?.name ?? '';
    const artifact = record.artifacts.find((one) => one.name === name);
    if (artifact === undefined) return fail('E_ARTIFACT_UNKNOWN', { purl, name });
    const { root } = packOf(record, artifact);
    if (!(await this.#options.stores.artifacts.has(root))) return fail('E_NOT_HELD', { name });
    const key = checkKey(root, purl, name);
    const verification = this.#checked.get(key) ?? (await this.verify(purl, name));
    if (!isVerified(verification)) return fail('E_NOT_VERIFIED', { name, verdict: verification.verdict });
    this.#checked.set(key, verification);
    await this.#options.stores.artifacts.touch(root);
    const get = this.#storedBlocks(root);
    const capability = unwrap(decodeCapability(artifact.eris));
    return ok({
      record,
      artifact,
      verification,
      chunks: () => decodeStream(capability, get, { size: artifact.size }),
    });
  }

  /** Whether an artifact is stored whole. */
  async holds(artifact: Artifact): Promise<boolean> {
    return await this.#options.stores.artifacts.has(rootOf(artifact));
  }

  /** Fetches that were begun, in this or an earlier run, and are not complete. */
  async unfinished(): Promise<readonly PackInfo[]> {
    return (await this.storage()).filter(({ complete }) => !complete);
  }

  /** All packs in the store. */
  async storage(): Promise<readonly PackInfo[]> {
    return await this.#options.stores.artifacts.list();
  }

  async pin(artifact: Artifact, pinned: boolean): Promise<void> {
    await this.#options.stores.artifacts.pin(rootOf(artifact), pinned);
  }

  async remove(artifact: Artifact): Promise<void> {
    const root = rootOf(artifact);
    this.#forget(root);
    await this.#options.stores.artifacts.remove(root);
    await this.#proofs.forgetGone([{ root }]);
    this.#options.onHeld?.(root, false);
  }

  async #fetch(
    pack: PackDescription,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ): Promise<Verification> {
    const { stores, finder, clock, onHeld } = this.#options;
    const { purl, name, root } = pack;
    const before = await this.verify(purl, name, signal);
    if (isVerified(before)) return this.#keep(pack, before);
    // What is held already and does not verify is damaged, unless only the attestations cannot be had.
    if (await stores.artifacts.has(root)) {
      if (before.verdict !== 'mismatch') return before;
      await stores.artifacts.remove(root);
    }
    const withoutBytes = await this.#judge(await this.#evidence(purl, name, { kind: 'absent' }, signal));
    if (withoutBytes.verdict === 'mismatch') return withoutBytes;
    // Only a light node keeps proofs, so only it has to see which packs made room for this one.
    const held = this.mode === 'light' ? await this.storage() : undefined;
    try {
      const check = async (get: GetBlock): Promise<Judgement<Verification>> => {
        const evidence = await this.#evidence(purl, name, { kind: 'blocks', get }, signal);
        const verification = await this.#judge(evidence);
        await this.#proofs.keep(evidence, verification);
        return judgementOf(verification);
      };
      const value = await runFetchJob({
        pack,
        store: stores.artifacts,
        finder,
        clock,
        check,
        onProgress,
        signal,
      });
      if (!isVerified(value)) return value;
      onHeld?.(root, true);
      return this.#keep(pack, value);
    } catch (error) {
      if (!isAssayError(error) || error.code === 'E_ABORTED' || error.code.startsWith('E_STORE')) throw error;
      const get = (): Promise<never> => Promise.reject(error);
      return await this.#judge(await this.#evidence(purl, name, { kind: 'blocks', get }, signal));
    } finally {
      if (held !== undefined) await this.#proofs.forgetGone([...held, pack]);
    }
  }

  #keep({ root, purl, name }: PackDescription, verification: Verification): Verification {
    this.#checked.set(checkKey(root, purl, name), verification);
    return verification;
  }

  #forget(root: Uint8Array): void {
    for (const key of this.#checked.keys()) if (key.startsWith(toHex(root))) this.#checked.delete(key);
  }

  async #evidence(
    purl: string,
    name: string | undefined,
    content: ArtifactContent,
    signal?: AbortSignal,
  ): Promise<Evidence> {
    const { stores, clock, logSources } = this.#options;
    const digest = (await this.#recordOf(purl, signal))?.provenance.evidence;
    const ports = { store: stores.log, sources: logSources(), clock };
    const agreement = digest && (await agreementEvidence(digest, ports, signal));
    return {
      trust: this.trust,
      purl,
      ...(await this.#logEvidence(purl, signal)),
      ...(agreement && { agreement }),
      ...(name !== undefined && { artifact: { name, content } }),
    };
  }

  /** Where a light node gets no answer that holds, the evidence lacks it, and the verdict says so. */
  async #recordOf(purl: string, signal?: AbortSignal): Promise<ArtifactAddRecord | undefined> {
    if (this.mode === 'full') return this.catalogue.byPurl(purl)?.record;
    const found = await this.find(purl, signal).catch(() => undefined);
    throwIfAborted(signal);
    return found?.record;
  }

  async #logEvidence(purl: string, signal?: AbortSignal): Promise<LogEvidence> {
    if (!(this.#sync instanceof LightLog)) return await logEvidence(this.#sync, purl);
    return await this.#sync.evidence(purl, signal);
  }

  async #storedContent(artifact: Artifact | undefined): Promise<ArtifactContent> {
    if (artifact === undefined || !(await this.holds(artifact))) return { kind: 'absent' };
    return { kind: 'blocks', get: this.#storedBlocks(rootOf(artifact)) };
  }

  #storedBlocks(root: Uint8Array): GetBlock {
    return (reference) => this.#options.stores.artifacts.findBlock(root, reference);
  }

  async #judge(evidence: Evidence): Promise<Verification> {
    const { verifySignature, clock, staleAfter } = this.#options;
    return await verify(evidence, {
      verifySignature,
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      ...(staleAfter !== undefined && { staleAfter }),
    });
  }
}

function judgementOf(value: Verification): Judgement<Verification> {
  if (isVerified(value)) return { fate: 'keep', value };
  return { fate: value.verdict === 'mismatch' ? 'discard' : 'leave', value };
}

/** What a verdict is about. The same bytes in two versions are two matters. */
function checkKey(root: Uint8Array, purl: string, name: string): string {
  return `${toHex(root)} ${purl} ${name}`;
}
