import type { AuthoritySet } from './authority-set.ts';
import type { HandoffLink } from './handoff.ts';

/** One authority as the genesis record names it. Every key is a 32-byte ed25519 public key with one job. */
export interface AuthorityIdentity {
  /** Short name, unique in the set; cosignatures are made under `<origin>/<name>`. */
  readonly name: string;
  /** Signs consensus votes. */
  readonly voteKey: Uint8Array;
  /** Signs C2SP `cosignature/v1` lines. */
  readonly cosignKey: Uint8Array;
  /** Signs the plain log line of a checkpoint, under the origin's name. */
  readonly logKey: Uint8Array;
  /** Signs attestations. */
  readonly buildKey: Uint8Array;
  /** Identifies the authority's libp2p node. */
  readonly peerKey: Uint8Array;
}

/** The limits of a network that every authority and client applies alike. */
export interface NetworkLimits {
  readonly maxArtifactBytes: number;
}

/** Entry 0 of every log: who the authorities are. Its SHA-256 is the network id. */
export interface GenesisRecord {
  readonly kind: 'genesis';
  readonly v: 1;
  readonly origin: string;
  readonly epoch: 1;
  /** Unix seconds. */
  readonly created: number;
  readonly authorities: readonly AuthorityIdentity[];
  readonly limits: NetworkLimits;
}

/** One file of a package version. */
export interface Artifact {
  readonly name: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
  /** 66-byte ERIS read capability under the null convergence secret. */
  readonly eris: Uint8Array;
}

/** What search and pages show of a package: derived from the `package.json` inside the artifact, so equal bytes give an equal `About`. */
export interface About {
  readonly description?: string;
  readonly license?: string;
  readonly authors?: readonly string[];
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly repository?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Where mirrored bytes come from, as every builder must have seen it. */
export interface MirrorSource {
  readonly registry: 'npm';
  /** The registry's own claim, `sha512-<base64>`, which every builder checked. */
  readonly integrity: string;
}

/** How the bytes of a record came about and who vouches for them. */
export interface Provenance {
  readonly method: 'mirrored';
  readonly source: MirrorSource;
  /** Bitmap over the authority set of the record's epoch: bit i&7 (from the least) of byte i>>3 is authority i. */
  readonly builders: Uint8Array;
  /** SHA-256 of the evidence bundle that holds the attestations. */
  readonly evidence: Uint8Array;
}

/** A package version enters the log. There is one such record per purl, ever. */
export interface ArtifactAddRecord {
  readonly kind: 'artifact-add';
  readonly v: 1;
  readonly epoch: number;
  readonly purl: string;
  readonly artifacts: readonly Artifact[];
  readonly about: About;
  readonly provenance: Provenance;
}

/** Last record of every batch: what the log's state is after it. */
export interface StateRecord {
  readonly kind: 'state';
  readonly v: 1;
  readonly epoch: number;
  /** Number of batches after genesis. */
  readonly height: number;
  /** Unix seconds, never less than the batch before. */
  readonly time: number;
  /** Log size before this batch. */
  readonly prevSize: number;
  /** Root of the map from package names to their records; 32 zero bytes for the empty map. */
  readonly mapRoot: Uint8Array;
  /** Of the authority set in force; in the last batch of an epoch, of the next epoch's set. */
  readonly setHash: Uint8Array;
  /** Records in this batch, without this one. */
  readonly recordCount: number;
}

/** An authority enters the set with the next epoch; one that is a member already gets all its keys replaced. */
export interface AuthorityAddRecord {
  readonly kind: 'authority-add';
  readonly v: 1;
  /** The epoch in force, which this batch closes. */
  readonly epoch: number;
  readonly authority: AuthorityIdentity;
  /** Multiaddrs it can be dialled at. */
  readonly addresses: readonly string[];
  /** Bitmap over the epoch's set of those who approve. */
  readonly approvals: Uint8Array;
  /** SHA-256 of the transaction that holds the ballots. */
  readonly evidence: Uint8Array;
}

/** An authority leaves the set with the next epoch. */
export interface AuthorityRemoveRecord {
  readonly kind: 'authority-remove';
  readonly v: 1;
  /** The epoch in force, which this batch closes. */
  readonly epoch: number;
  readonly name: string;
  /** Bitmap over the epoch's set of those who approve. */
  readonly approvals: Uint8Array;
  /** SHA-256 of the transaction that holds the ballots. */
  readonly evidence: Uint8Array;
}

/** What an authority signed that no honest one signs together. */
export type Offence =
  'two-notarise' | 'nullify-and-finalise' | 'two-finalise' | 'two-proposals' | 'two-cosignatures';

/** A member of the set is proven to have said two things; it is suspended when the next epoch begins. */
export interface EquivocationRecord {
  readonly kind: 'equivocation';
  readonly v: 1;
  /** The epoch in force. */
  readonly epoch: number;
  readonly name: string;
  readonly offence: Offence;
  /** SHA-256 of the two signed statements. */
  readonly evidence: Uint8Array;
}

/** One authority's cosignature of the tree an epoch ended with. */
export interface HandoffCosignature {
  /** Index in the old set. */
  readonly authority: number;
  /** Unix seconds. */
  readonly time: number;
  /** 64 bytes, under `cosignature/v1` of a checkpoint with `size` and `root`. */
  readonly signature: Uint8Array;
}

/** First record of an epoch: the authorities before say at which tree they ended and who comes after them. */
export interface EpochHandoffRecord {
  readonly kind: 'epoch-handoff';
  readonly v: 1;
  /** The new epoch. */
  readonly epoch: number;
  /** Size of the tree that the old epoch ended with. */
  readonly size: number;
  /** Root of that tree, 32 bytes. */
  readonly root: Uint8Array;
  /** Exactly a quorum of the old set, by ascending index. */
  readonly cosignatures: readonly HandoffCosignature[];
  /** The new set. Its hash is in the last entry of the old epoch. */
  readonly authorities: readonly AuthorityIdentity[];
}

/** The records that change who the authorities are. */
export type MembershipRecord = AuthorityAddRecord | AuthorityRemoveRecord;

/** Every kind of log entry. */
export type LogRecord =
  | GenesisRecord
  | ArtifactAddRecord
  | MembershipRecord
  | EquivocationRecord
  | EpochHandoffRecord
  | StateRecord;

/** What a client knows of who may speak for a network: pinned by the genesis bytes, carried on by hand-offs. */
export interface NetworkTrust {
  /** SHA-256 of `genesisBytes`. */
  readonly networkId: Uint8Array;
  readonly genesisBytes: Uint8Array;
  readonly genesis: GenesisRecord;
  /** The authority sets of all known epochs; that of epoch e is `sets[e - 1]`. */
  readonly sets: readonly [AuthoritySet, ...AuthoritySet[]];
  /** The newest known authority set, the last of `sets`. */
  readonly current: AuthoritySet;
  /** `links[i]` leads from epoch i + 1 to epoch i + 2; all sets but the first follow from them. */
  readonly links: readonly HandoffLink[];
}
