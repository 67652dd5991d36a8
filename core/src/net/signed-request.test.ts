import { describe, expect, it } from 'vitest';
import { publicKeyFromSeed, signEd25519, verifyEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import {
  checkSignedRequest,
  decodeSignedRequest,
  encodeSignedRequest,
  requestId,
  signRequest,
} from './signed-request.ts';

const seed = new Uint8Array(32).fill(5);
const networkId = sha256(utf8('network'));
const request = await signRequest(
  { networkId, purl: 'pkg:npm/clsx@2.1.1', at: 1_790_000_000, requester: publicKeyFromSeed(seed) },
  (message) => signEd25519(message, seed),
);

describe('a signed request', () => {
  it('survives encoding, keeps its name, and passes its check', () => {
    const decoded = unwrap(decodeSignedRequest(encodeSignedRequest(request)));
    expect(decoded).toEqual(request);
    expect(requestId(decoded)).toBe(requestId(request));
    expect(checkSignedRequest(decoded, networkId, verifyEd25519).ok).toBe(true);
  });

  it('does not pass on another network', () => {
    expect(checkSignedRequest(request, sha256(utf8('other')), verifyEd25519)).toMatchObject({
      ok: false,
      error: { code: 'E_REQUEST_NETWORK' },
    });
  });

  it('does not pass with any field changed', () => {
    const changes = [
      { purl: 'pkg:npm/clsx@2.1.2' },
      { at: request.at + 1 },
      { requester: publicKeyFromSeed(new Uint8Array(32).fill(6)) },
      { signature: request.signature.map((byte, i) => (i === 9 ? byte ^ 1 : byte)) },
    ];
    for (const change of changes) {
      expect(checkSignedRequest({ ...request, ...change }, networkId, verifyEd25519)).toMatchObject({
        ok: false,
        error: { code: 'E_REQUEST_SIGNATURE' },
      });
    }
  });

  it('is refused unread when it is too long', () => {
    const long = encodeSignedRequest({ ...request, purl: `pkg:npm/${'a'.repeat(3000)}` });
    expect(decodeSignedRequest(long)).toMatchObject({ ok: false, error: { code: 'E_CBOR_TOO_LARGE' } });
  });
});
