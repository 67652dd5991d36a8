import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { arrayOf, shape, text } from '../encoding/cbor-shape.ts';
import { fail, ok, type Result } from '../errors/result.ts';
import { decodeCanonicalJson, encodeCanonicalJson } from './canonical-json.ts';

/** Largest envelope that is read: a statement about `MAX_ARTIFACTS` files stays below 16 KiB. */
export const MAX_ENVELOPE_BYTES = 64 * 1024;

const MAX_TYPE_BYTES = 128;
const MAX_KEY_ID_BYTES = 128;
const SIGNATURE_BYTES = 64;

/** A DSSE envelope with one ed25519 signature (DSSE v1, envelope.md). */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  /** Says which key signed; a hint that proves nothing. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

const readEnvelope = shape({
  payload: text({ maxBytes: MAX_ENVELOPE_BYTES }),
  payloadType: text({ maxBytes: MAX_TYPE_BYTES }),
  signatures: arrayOf(shape({ keyid: text({ maxBytes: MAX_KEY_ID_BYTES }), sig: text({ maxBytes: 88 }) }), {
    min: 1,
    max: 1,
  }),
});

/** The bytes that are signed: DSSE's pre-authentication encoding (DSSE v1, protocol.md). */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** Signs a payload. `sign` makes an ed25519 signature with the private half of `publicKey`. */
export function signEnvelope(
  content: { readonly payloadType: string; readonly payload: Uint8Array },
  key: { readonly keyId: string; sign(message: Uint8Array): Uint8Array },
): Uint8Array {
  const signature = key.sign(preAuthEncoding(content.payloadType, content.payload));
  return encodeEnvelope({ ...content, keyId: key.keyId, signature });
}

/** The canonical JSON bytes of an envelope. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return encodeCanonicalJson({
    payload: toBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: [{ keyid: envelope.keyId, sig: toBase64(envelope.signature) }],
  });
}

/** Reads an envelope in canonical JSON with exactly one signature, which is not checked yet. Total. */
export function decodeEnvelope(bytes: Uint8Array): Result<Envelope> {
  if (bytes.length > MAX_ENVELOPE_BYTES) {
    return fail('E_ENVELOPE', { reason: `more than ${MAX_ENVELOPE_BYTES} bytes` });
  }
  const json = decodeCanonicalJson(bytes);
  if (!json.ok) return json;
  const envelope = readEnvelope(json.value, '$');
  if (!envelope.ok) return envelope;
  const { payload: payloadText, payloadType, signatures } = envelope.value;
  const payload = fromBase64(payloadText);
  if (!payload.ok) return payload;
  const [line] = signatures;
  const signature = fromBase64(line?.sig ?? '');
  if (!signature.ok) return signature;
  if (signature.value.length !== SIGNATURE_BYTES)
    return fail('E_ENVELOPE', { reason: 'the signature has another length' });
  return ok({ payloadType, payload: payload.value, keyId: line?.keyid ?? '', signature: signature.value });
}
