import type { SignedRequest } from './signed-request.ts';
import type { RequestProgress } from './request-progress.ts';

/** Someone who serves a log: a mirror over HTTP, a relay or authority over libp2p, a folder. None is trusted. */
export interface LogSource {
  /** Stable within a session; shown to people when the source is refused. */
  readonly id: string;
  /** True for what another program of the same person keeps, such as the tab that syncs for all: it has compared already. */
  readonly own?: boolean;
  /** The newest checkpoint this source has, as signed-note bytes. Rejects with an AssayError. */
  checkpoint(signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * A log resource by its C2SP path (`tile/0/000`, `tile/entries/000.p/5`), `evidence/<sha256 hex>` or `handoff/<epoch>`.
   * Rejects with an AssayError; `E_NOT_FOUND` when the source says that it has no such resource.
   */
  read(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Absent where the source answers no lookups. */
  readonly lookup?: ReadLookup;
}

/** What the asker of a lookup knows of the log already. */
export interface LookupKnown {
  /** Size of the tree head it has whole, state record included: an answer of this size leaves the head out. */
  readonly have?: number;
  /** Size of the newest tree head it has checked: a larger head comes with the proof that it continues that one. */
  readonly from?: number;
}

/**
 * Asks for what the map of packages says of a purl, with or without a version: a LookupBundle as bytes. Rejects with an
 * AssayError; `E_LOOKUP_UNAVAILABLE` when the source has no log yet.
 */
export type ReadLookup = (purl: string, known: LookupKnown, signal?: AbortSignal) => Promise<Uint8Array>;

interface Source {
  /** Stable within a session. */
  readonly id: string;
  /** What a person may read: a host name, a shortened peer id. */
  readonly label: string;
  /** `http`, `ws`, `webrtc`, … as far as known. */
  readonly transport?: string;
}

/** Someone who serves whole packs by byte range. */
export interface PackSource extends Source {
  readonly kind: 'mirror';
  /**
   * Bytes `[from, to)` of the pack named by its root reference, as they arrive and in chunks of any size. The end of the
   * pack may cut the answer short; `to` undefined asks for everything from `from`. Rejects with an AssayError;
   * `E_NOT_FOUND` when the source has no such pack.
   */
  readPack(
    root: Uint8Array,
    range: { readonly from: number; readonly to?: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
}

/** One answer of a peer: the block, or the plain statement that it has none. */
export interface BlockAnswer {
  readonly reference: Uint8Array;
  readonly block: Uint8Array | undefined;
}

/** Someone who serves single blocks of an artifact by reference. */
export interface PeerSource extends Source {
  readonly kind: 'peer';
  /** Asks for at most MAX_REFERENCES_PER_REQUEST blocks of one pack; answers in any order. Rejects with an AssayError. */
  readBlocks(
    root: Uint8Array,
    references: readonly Uint8Array[],
    signal?: AbortSignal,
  ): AsyncIterable<BlockAnswer>;
}

/** Anyone an artifact may be fetched from. */
export type ArtifactSource = PackSource | PeerSource;

/** Someone who takes requests for packages: a relay over HTTP, an authority over libp2p. */
export interface RequestClient {
  readonly id: string;
  /** Hands the request in and resolves with the first progress, whose `id` is what `follow` takes. */
  submit(request: SignedRequest, signal?: AbortSignal): Promise<RequestProgress>;
  /** Progress of a request as it changes, until it is in the log or has failed. */
  follow(id: string, signal?: AbortSignal): AsyncIterable<RequestProgress>;
}

/** Knows whom to ask for an artifact. */
export interface SourceFinder {
  /**
   * Tells of sources as they are found, mirrors at once and peers when they are connected. Resolves when no more are to be
   * expected; rejects never.
   */
  find(root: Uint8Array, onSource: (source: ArtifactSource) => void, signal: AbortSignal): Promise<void>;
}
