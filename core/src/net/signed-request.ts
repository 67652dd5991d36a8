import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import { bytes, decodeWith, int, literal, shape, text } from '../encoding/cbor-shape.ts';
import { toHex } from '../encoding/hex.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { VerifyEd25519 } from '../crypto/ed25519.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { MAX_PURL_LENGTH } from '../records/purl.ts';

/** No encoded request is longer; checked before decoding. */
export const MAX_REQUEST_BYTES = 2048;

const CONTEXT = utf8('assay/request/v1\n');

/** A wish that a package enters the log, signed by whoever wishes it. */
export interface SignedRequest {
  readonly v: 1;
  /** SHA-256 of the genesis record, so that a request cannot be carried to another network. */
  readonly networkId: Uint8Array;
  /** A canonical purl; without a version the newest at intake is meant. */
  readonly purl: string;
  /** Unix seconds. */
  readonly at: number;
  /** ed25519 public key of the requester. */
  readonly requester: Uint8Array;
  /** ed25519 over `assay/request/v1\n` and the canonical CBOR of the other fields. */
  readonly signature: Uint8Array;
}

type Unsigned = Omit<SignedRequest, 'signature'>;

const readSignedRequest = shape({
  v: literal(1),
  networkId: bytes({ length: 32 }),
  purl: text({ maxBytes: MAX_PURL_LENGTH }),
  at: int({ min: 0 }),
  requester: bytes({ length: 32 }),
  signature: bytes({ length: 64 }),
});

/** Makes and signs a request. `sign` holds the secret of `requester`. */
export async function signRequest(
  request: Omit<Unsigned, 'v'>,
  sign: (message: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<SignedRequest> {
  const unsigned: Unsigned = { v: 1, ...request };
  return { ...unsigned, signature: await sign(signedBytes(unsigned)) };
}

/** Canonical CBOR of a request. */
export function encodeSignedRequest(request: SignedRequest): Uint8Array {
  return encodeCbor({ ...request });
}

/** Decodes a request of at most MAX_REQUEST_BYTES; says nothing of its signature. */
export function decodeSignedRequest(encoded: Uint8Array): Result<SignedRequest> {
  return decodeWith(encoded, readSignedRequest, { maxBytes: MAX_REQUEST_BYTES });
}

/** Checks that a request is for this network and signed by its requester. */
export function checkSignedRequest(
  request: SignedRequest,
  networkId: Uint8Array,
  verify: VerifyEd25519,
): Result<void> {
  if (toHex(request.networkId) !== toHex(networkId)) return fail('E_REQUEST_NETWORK');
  if (!verify(request.requester, signedBytes(request), request.signature)) return fail('E_REQUEST_SIGNATURE');
  return ok(undefined);
}

/** The name of a request: SHA-256 of its encoding, in hex. */
export function requestId(request: SignedRequest): string {
  return toHex(sha256(encodeSignedRequest(request)));
}

function signedBytes({ v, networkId, purl, at, requester }: Unsigned): Uint8Array {
  return concatBytes(CONTEXT, encodeCbor({ v, networkId, purl, at, requester }));
}
