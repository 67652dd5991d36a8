import type { ModeChoice } from '@assay/core/node/node-mode.ts';
import type { Verification } from '@assay/core/verify/types.ts';
import type { Ask } from '../rpc/procedures.ts';
import type * as api from './api.ts';
import type { AuthoritiesView, AuthorityRecordsView } from './authority-api.ts';
import type { DigestAnswer, FileCheck, FileProgress } from './file-api.ts';

/** A version, or one artifact of it. */
export interface ArtifactName {
  readonly purl: string;
  readonly artifact: string;
}

interface MaybeArtifactName {
  readonly purl: string;
  readonly artifact: string | undefined;
}

/** A file and its name, which a Blob loses on its way to the worker. */
export interface NamedFile {
  readonly file: Blob;
  readonly name: string;
}

/** What the engine tells the page without being asked. */
export type EngineNews =
  | { readonly kind: 'status'; readonly status: api.NodeStatus }
  | { readonly kind: 'growth'; readonly size: number }
  /** Everything stored was deleted, here or in another tab: the engine has to be started anew. */
  | { readonly kind: 'restart' };

/** A relay's `/status.json` before it is read: a page that shows it brings the code for that along. */
export interface UnreadReport {
  /** Parsed JSON. */
  readonly document: unknown;
  /** Unix seconds. */
  readonly at: number;
}

/** What the page asks of the engine in its worker. */
export interface EngineProcedures {
  /** Never answers; the news are what it is for. */
  readonly watch: Ask<null, never, EngineNews>;
  readonly search: Ask<{ query: string; limit: number }, api.SearchAnswer>;
  readonly recent: Ask<number, readonly api.VersionSummary[]>;
  readonly versions: Ask<string, readonly api.VersionSummary[]>;
  readonly version: Ask<string, api.VersionView | undefined>;
  readonly verify: Ask<MaybeArtifactName, Verification>;
  readonly verifyFile: Ask<NamedFile & { purl: string | undefined }, FileCheck, FileProgress>;
  readonly verifyEvidence: Ask<{ evidence: Blob; about: NamedFile | undefined }, Verification, FileProgress>;
  readonly findDigest: Ask<string, DigestAnswer>;
  readonly fetch: Ask<ArtifactName, Verification, api.FetchProgress>;
  readonly unfinished: Ask<null, readonly api.UnfinishedFetch[]>;
  readonly read: Ask<ArtifactName, Blob>;
  readonly files: Ask<ArtifactName, readonly { path: string; size: number }[]>;
  readonly file: Ask<ArtifactName & { path: string }, Uint8Array>;
  readonly exportEvidence: Ask<MaybeArtifactName, string>;
  readonly request: Ask<string, api.RequestProgress, api.RequestProgress>;
  readonly openRequests: Ask<null, readonly string[]>;
  readonly entries: Ask<{ from: number; to: number }, readonly api.EntryView[]>;
  readonly checkpoint: Ask<null, api.CheckpointView | undefined>;
  readonly authorities: Ask<null, Omit<AuthoritiesView, 'report'> & { readonly unread?: UnreadReport }>;
  readonly authorityRecords: Ask<null, AuthorityRecordsView | undefined>;
  readonly network: Ask<null, api.NetworkView>;
  readonly storage: Ask<null, api.StorageView>;
  readonly pin: Ask<ArtifactName & { pinned: boolean }, null>;
  readonly remove: Ask<ArtifactName, null>;
  readonly modeChoice: Ask<null, ModeChoice>;
  /** The engines of all tabs start over. */
  readonly chooseMode: Ask<ModeChoice, null>;
  readonly reset: Ask<null, null>;
  readonly syncNow: Ask<null, null>;
}

/** What the engines of other tabs ask of the leader's. */
export interface LeaderProcedures {
  readonly verify: Ask<MaybeArtifactName, Verification>;
  readonly fetch: Ask<ArtifactName, Verification, api.FetchProgress>;
  readonly request: Ask<string, api.RequestProgress, api.RequestProgress>;
  readonly network: Ask<null, api.NetworkView>;
  readonly syncNow: Ask<null, null>;
  /** A pack was removed by another tab: nobody is to be told any more that it is here. */
  readonly removed: Ask<Uint8Array, null>;
}
