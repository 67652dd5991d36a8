import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signEd25519 } from '../crypto/ed25519.ts';
import { verifyEd25519Node } from '../crypto/ed25519-node.ts';
import { toBase64 } from '../encoding/base64.ts';
import { fromUtf8, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { attest, attestFailure, makeNetwork, makeProposal } from '../records/network.fixture.ts';
import { proposalDigest } from '../records/proposal.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { readAttestation } from './attestation.ts';
import { decodeCanonicalJson, encodeCanonicalJson, parseJson } from './canonical-json.ts';
import { decodeEnvelope, preAuthEncoding, signEnvelope } from './dsse.ts';

const network = makeNetwork();
const purl = 'pkg:npm/clsx@2.1.1';
const proposal = makeProposal(purl, utf8('the bytes'), 'clsx-2.1.1.tgz');
const success = attest(network, 2, proposal);
const failure = attestFailure(network, 1, purl);

function read(envelope: Uint8Array) {
  return readAttestation(envelope, network.trust, verifyEd25519Node);
}

describe('DSSE', () => {
  it('signs the pre-authentication encoding of the protocol text', () => {
    const encoded = preAuthEncoding('http://example.com/HelloWorld', utf8('hello world'));
    expect(unwrap(fromUtf8(encoded))).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  });

  it('counts bytes, not characters', () => {
    expect(unwrap(fromUtf8(preAuthEncoding('ü', utf8('€'))))).toBe('DSSEv1 2 ü 3 €');
  });

  it('refuses an envelope with no signature or with two', () => {
    const payload = toBase64(utf8('{}'));
    const sig = { keyid: '', sig: toBase64(new Uint8Array(64)) };
    const of = (signatures: object[]) =>
      encodeCanonicalJson({ payload, payloadType: 'x', signatures: signatures as never });
    expect([of([]), of([sig]), of([sig, sig])].map((bytes) => decodeEnvelope(bytes).ok)).toEqual([
      false,
      true,
      false,
    ]);
  });
});

it('reads no attestation out of an envelope of another type, even with a good signature', () => {
  const { payload, keyId } = unwrap(decodeEnvelope(success));
  const sign = (message: Uint8Array): Uint8Array => signEd25519(message, network.seed(2, 'build'));
  const as = (payloadType: string): Uint8Array => signEnvelope({ payloadType, payload }, { keyId, sign });
  expect(read(as('application/vnd.in-toto+json')).ok).toBe(true);
  expect(read(as('application/json'))).toMatchObject({ ok: false, error: { code: 'E_ENVELOPE' } });
});

describe('canonical JSON', () => {
  it('orders keys by UTF-16 code units and writes no spaces', () => {
    const text = unwrap(
      fromUtf8(encodeCanonicalJson({ '€': 1, b: [true, null, 'ü\n'], a: { z: 0, y: -1 } })),
    );
    expect(text).toBe('{"a":{"y":-1,"z":0},"b":[true,null,"ü\\n"],"€":1}');
  });

  it.each([
    '{"b":1,"a":2}',
    '{"a": 1}',
    '{"a":1,"a":1}',
    '{"a":1.0}',
    '{"a":1e2}',
    '"\\u0041"',
    '[1] ',
    '-0',
    '1.5',
    '{',
  ])('refuses %s', (text) => {
    expect(decodeCanonicalJson(utf8(text)).ok).toBe(false);
  });

  it('refuses nesting that would exhaust a stack, and keeps __proto__ an ordinary key', () => {
    expect(parseJson('['.repeat(100_000) + ']'.repeat(100_000)).ok).toBe(false);
    const map = unwrap(decodeCanonicalJson(utf8('{"__proto__":{"x":1}}'))) as object;
    expect(Object.keys(map)).toEqual(['__proto__']);
    expect('x' in map).toBe(false);
  });
});

describe('an attestation', () => {
  it('says who fetched what, in the terms of SLSA provenance', () => {
    const attestation = unwrap(read(success));
    expect(attestation).toMatchObject({ authority: 2, name: 'cassini', purl });
    expect(attestation.outcome).toEqual({
      kind: 'digest',
      proposalDigest: toHex(proposalDigest(proposal)),
      artifacts: [
        { name: 'clsx-2.1.1.tgz', sha256: toHex(proposal.artifacts[0]?.sha256 ?? new Uint8Array()) },
      ],
    });
    expect(attestation.statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { runDetails: { metadata: { startedOn: '2026-10-01T00:01:00Z' } } },
    });
  });

  it('says why a fetch failed', () => {
    expect(unwrap(read(failure))).toMatchObject({
      authority: 1,
      purl,
      outcome: { kind: 'failed', error: { code: 'E_UNKNOWN', fields: { code: 'none' } } },
    });
  });

  it('is refused when another authority signed it, or the network is another', () => {
    const elsewhere = makeNetwork(4, { created: 5 });
    const foreign = readAttestation(attest(elsewhere, 0, proposal), network.trust, verifyEd25519Node);
    expect(foreign.ok ? undefined : foreign.error.code).toBe('E_ATTESTATION');
    const stranger = readAttestation(success, makeNetwork(4, {}, 'other').trust, verifyEd25519Node);
    expect(stranger.ok ? undefined : stranger.error.code).toBe('E_ATTESTATION_SIGNER');
  });

  it('is refused when it was made in another epoch', () => {
    const current = { ...network.trust.current, epoch: 2 };
    const later = attest({ ...network, trust: { ...network.trust, current } }, 2, proposal);
    expect(read(later)).toMatchObject({ ok: false, error: { code: 'E_ATTESTATION' } });
  });

  it('is refused after any change, and never throws', { timeout: 30_000 }, () => {
    const original = new Set([toHex(success), toHex(failure)]);
    fc.assert(
      fc.property(mutatedBytes(fc.constantFrom(success, failure)), (mutated) => {
        expect(read(mutated).ok).toBe(original.has(toHex(mutated)));
      }),
      { numRuns: 2000 },
    );
  });
});
