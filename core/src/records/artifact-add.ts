import { fromBase64 } from '../encoding/base64.ts';
import { encodeCbor, type CborMap, type CborValue } from '../encoding/cbor.ts';
import {
  arrayOf,
  bytes,
  int,
  literal,
  mapOf,
  optional,
  shape,
  text,
  type Reader,
} from '../encoding/cbor-shape.ts';
import { blockSizeFor, CAPABILITY_BYTES, decodeCapability } from '../eris/capability.ts';
import { shapeOf } from '../eris/tree-shape.ts';
import { fail, type Result } from '../errors/result.ts';
import {
  MAX_ABOUT_BYTES,
  MAX_ABOUT_ITEMS,
  MAX_ARTIFACTS,
  MAX_ARTIFACT_NAME_BYTES,
  MAX_BITMAP_BYTES,
  MAX_MEDIA_TYPE_BYTES,
} from './limits.ts';
import { MAX_PURL_LENGTH, parsePurl } from './purl.ts';
import type { About, Artifact, ArtifactAddRecord, MirrorSource } from './types.ts';

const SHA256_BYTES = 32;
const SHA512_BYTES = 64;
const INTEGRITY_PREFIX = 'sha512-';
/** `sha512-` and 88 characters of base64. */
const INTEGRITY_BYTES = 95;

/** A media type without parameters (RFC 6838 names). */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/;

const readAboutShape: Reader<About> = shape({
  description: optional(text({ maxBytes: MAX_ABOUT_BYTES })),
  license: optional(text({ maxBytes: MAX_ABOUT_BYTES })),
  authors: optional(arrayOf(text({ maxBytes: MAX_ABOUT_BYTES }), { max: MAX_ABOUT_ITEMS })),
  keywords: optional(arrayOf(text({ maxBytes: MAX_ABOUT_BYTES }), { max: MAX_ABOUT_ITEMS })),
  homepage: optional(text({ maxBytes: MAX_ABOUT_BYTES })),
  repository: optional(text({ maxBytes: MAX_ABOUT_BYTES })),
  dependencies: optional(
    mapOf(text({ maxBytes: MAX_ABOUT_BYTES }), { max: MAX_ABOUT_ITEMS, maxKeyBytes: MAX_ABOUT_BYTES }),
  ),
});

const readArtifactShape = shape({
  name: text({ maxBytes: MAX_ARTIFACT_NAME_BYTES }),
  mediaType: text({ maxBytes: MAX_MEDIA_TYPE_BYTES, pattern: MEDIA_TYPE }),
  size: int({ min: 0 }),
  sha256: bytes({ length: SHA256_BYTES }),
  eris: bytes({ length: CAPABILITY_BYTES }),
});

const readSourceShape = shape({
  registry: literal('npm'),
  integrity: text({ maxBytes: INTEGRITY_BYTES }),
});

/** Reads an `about` part and holds it to `MAX_ABOUT_BYTES`. */
export const readAbout: Reader<About> = (value, path) => {
  const about = readAboutShape(value, path);
  // Replaying a log reads every record: the exact size is computed only for the few that come near the limit.
  if (!about.ok || sizeBound(value) <= MAX_ABOUT_BYTES) return about;
  const size = encodeCbor(value).length;
  return size <= MAX_ABOUT_BYTES ? about : invalid(path, `${size} bytes long, more than ${MAX_ABOUT_BYTES}`);
};

/** No less than the encoded size of texts, lists and maps: a UTF-16 unit takes at most 3 bytes, a head at most 9. */
function sizeBound(value: CborValue): number {
  if (typeof value === 'string') return 9 + 3 * value.length;
  if (typeof value !== 'object' || value === null) return 9;
  let bound = 9;
  for (const [key, member] of Object.entries(value)) bound += sizeBound(key) + sizeBound(member);
  return bound;
}

/** Reads an artifact whose file name is safe to save under and whose capability fits its size. */
export const readArtifact: Reader<Artifact> = (value, path) => {
  const artifact = readArtifactShape(value, path);
  if (!artifact.ok) return artifact;
  const { name, size, eris } = artifact.value;
  if (!isPlainFileName(name)) return invalid(`${path}.name`, 'not a plain file name');
  const capability = decodeCapability(eris);
  if (!capability.ok) return capability;
  if (capability.value.blockSize !== blockSizeFor(size)) {
    return invalid(`${path}.eris`, 'the block size does not fit the file size');
  }
  const tree = shapeOf(capability.value, size);
  return tree.ok ? artifact : tree;
};

/** Reads one to `MAX_ARTIFACTS` artifacts with different names. */
export const readArtifacts: Reader<readonly Artifact[]> = (value, path) => {
  const artifacts = arrayOf(readArtifact, { min: 1, max: MAX_ARTIFACTS })(value, path);
  if (!artifacts.ok) return artifacts;
  const names = new Set(artifacts.value.map((artifact) => artifact.name));
  return names.size === artifacts.value.length ? artifacts : invalid(path, 'two artifacts have one name');
};

/** Reads where mirrored bytes come from; the integrity is `sha512-` and canonical base64 of 64 bytes. */
export const readSource: Reader<MirrorSource> = (value, path) => {
  const source = readSourceShape(value, path);
  if (!source.ok) return source;
  const digest = integrityDigest(source.value.integrity);
  return digest.ok ? source : invalid(`${path}.integrity`, 'not sha512- and 64 bytes of base64');
};

/** Reads a canonical purl that names a version. */
export const readVersionPurl: Reader<string> = (value, path) => {
  const written = text({ maxBytes: MAX_PURL_LENGTH })(value, path);
  if (!written.ok) return written;
  const purl = parsePurl(written.value);
  if (!purl.ok) return purl;
  return purl.value.version === undefined ? invalid(path, 'it names no version') : written;
};

/** Reads an `artifact-add` record. */
export const readArtifactAdd: Reader<ArtifactAddRecord> = shape({
  kind: literal('artifact-add'),
  v: literal(1),
  epoch: int({ min: 1 }),
  purl: readVersionPurl,
  artifacts: readArtifacts,
  about: readAbout,
  provenance: shape({
    method: literal('mirrored'),
    source: readSource,
    builders: bytes({ maxLength: MAX_BITMAP_BYTES }),
    evidence: bytes({ length: SHA256_BYTES }),
  }),
});

/** The 64 bytes of an npm integrity text `sha512-<base64>`. */
export function integrityDigest(integrity: string): Result<Uint8Array> {
  if (!integrity.startsWith(INTEGRITY_PREFIX)) return invalid('integrity', 'not a sha512 digest');
  const digest = fromBase64(integrity.slice(INTEGRITY_PREFIX.length));
  if (!digest.ok) return digest;
  return digest.value.length === SHA512_BYTES ? digest : invalid('integrity', 'not 64 bytes long');
}

/** The CBOR form of artifacts. */
export function artifactsToCbor(artifacts: readonly Artifact[]): CborValue {
  return artifacts.map((artifact) => ({ ...artifact }));
}

/** The CBOR form of an `about` part. */
export function aboutToCbor(about: About): CborMap {
  return { ...about };
}

/** The CBOR form of an `artifact-add` record. */
export function artifactAddToCbor(record: ArtifactAddRecord): CborMap {
  return {
    kind: record.kind,
    v: record.v,
    epoch: record.epoch,
    purl: record.purl,
    artifacts: artifactsToCbor(record.artifacts),
    about: aboutToCbor(record.about),
    provenance: { ...record.provenance, source: { ...record.provenance.source } },
  };
}

/** One path segment that every file system takes and that cannot leave its folder. */
function isPlainFileName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name !== '' && name !== '.' && name !== '..' && !/[\u0000-\u001f\u007f/\\:*?"<>|]/.test(name);
}

function invalid(field: string, reason: string): Result<never> {
  return fail('E_RECORD_FIELD', { field, reason });
}
