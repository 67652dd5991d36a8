import type { Result } from '../errors/result.ts';
import type { CatalogueEntry } from '../node/catalogue.ts';
import type { VerifiedArtifact } from '../node/verified-node.ts';
import type { Verification } from '../verify/types.ts';

/** Answers requests of one kind. The same code runs in the service worker and behind the gateway. */
export interface RegistryHandler {
  /** Goes into the `x-assay-handler` header of each answer. */
  readonly name: string;
  canHandle(url: URL): boolean;
  handle(request: Request): Promise<Response>;
}

/** What the registry handlers need of a node. */
export interface VerifiedPackages {
  /** Logged versions of a package, the record logged last first. Like `version`, rejects where that cannot be known now. */
  versions(name: string): Promise<readonly CatalogueEntry[]>;
  version(purl: string): Promise<CatalogueEntry | undefined>;
  /** The first artifact of a version, every byte verified; `E_NOT_HELD` when it has to be fetched first. */
  read(purl: string): Promise<Result<VerifiedArtifact>>;
  /** Fetches and verifies the first artifact of a version. Rejects with AssayErrors as VerifiedNode.fetch does. */
  ensure(purl: string, signal?: AbortSignal): Promise<Verification>;
  /** Brings the log up to date if that can be done soon. Asked for before anything is said to be absent; never rejects. */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Whether what `versions` and `version` do not give is proven to be absent. */
  provesAbsence(): boolean;
  /** Entries of the checkpoint that answers rest on, and its time in unix seconds. */
  freshness(): { readonly size: number; readonly freshAsOf: number } | undefined;
}
