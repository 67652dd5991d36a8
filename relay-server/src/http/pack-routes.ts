import { fromBase32, toBase32 } from '@assay/core/encoding/base32.ts';
import { fromBlockUrn } from '@assay/core/eris/capability.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { ArtifactStore, PackInfo } from '@assay/core/swarm/block-store.ts';
import { IMMUTABLE } from './answers.ts';
import type { HttpRoute } from './exchange.ts';
import { bytesResource, resourceAnswer } from './resource.ts';

const TYPE = 'application/octet-stream';
const ROOT_BYTES = 32;

/** What serving packs needs of the store. */
export interface PackStore extends Pick<ArtifactStore, 'info' | 'touch'> {
  /** Bytes `[from, to)` of a complete pack. */
  readRange(root: Uint8Array, from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Finds one block in whatever pack holds it. */
export type FindAnyBlock = (reference: Uint8Array) => Promise<Uint8Array | undefined>;

/**
 * Whole packs and ranges of them: `/pack/<base32 of the root reference>`. What the log records and the relay does not hold yet cannot
 * be had now, 503; whoever asks right after the record appeared need only ask again.
 */
export function packRoute(store: PackStore, isComing: (root: Uint8Array) => boolean): HttpRoute {
  return {
    name: 'pack',
    methods: ['GET', 'HEAD'],
    owns: (path) => /^\/pack(?:\/|$)/.test(path),
    async handle(request) {
      const name = request.path.slice('/pack/'.length);
      const root = fromBase32(name);
      if (!root.ok || root.value.length !== ROOT_BYTES) throw missing();
      const pack = await store.info(root.value);
      if (pack?.complete !== true) throw isComing(root.value) ? new AssayError('E_PACK_COMING') : missing();
      await store.touch(pack.root);
      return resourceAnswer(request, packResource(pack, store));
    },
  };
}

function missing(): AssayError {
  return new AssayError('E_NOT_FOUND', { what: 'this pack' });
}

/** Single blocks in the way of RFC 2169: `/uri-res/N2R?urn:blake2b:<base32 of the reference>`. */
export function blockRoute(find: FindAnyBlock): HttpRoute {
  return {
    name: 'block',
    methods: ['GET', 'HEAD'],
    owns: (path) => /^\/uri-res(?:\/|$)/.test(path),
    async handle(request) {
      if (request.path !== '/uri-res/N2R') throw new AssayError('E_NOT_FOUND', { what: 'this resolver' });
      const reference = fromBlockUrn(request.query);
      if (!reference.ok) throw new AssayError('E_HTTP_REQUEST', { reason: reference.error.message });
      const block = await find(reference.value);
      if (block === undefined) throw new AssayError('E_NOT_FOUND', { what: 'this block' });
      const etag = `"${toBase32(reference.value)}"`;
      return resourceAnswer(request, bytesResource(block, { etag, type: TYPE, cache: IMMUTABLE }));
    },
  };
}

function packResource({ root, bytes }: PackInfo, store: PackStore): Parameters<typeof resourceAnswer>[1] {
  return {
    size: bytes,
    etag: `"${toBase32(root)}"`,
    type: TYPE,
    cache: IMMUTABLE,
    read: (from, to) => store.readRange(root, from, to),
  };
}
