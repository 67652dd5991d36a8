import { readFile } from 'node:fs/promises';
import { ed25519 } from '@noble/curves/ed25519.js';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { fromHex, toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { vectorsPath } from '../testing/vectors.ts';
import { ed25519Contract } from './ed25519-contract.fixture.ts';
import { ACCEPTED_CASES, readEdgeCases } from './ed25519-edge-cases.fixture.ts';
import { signEd25519Node, verifyEd25519Node } from './ed25519-node.ts';
import { rfc8032 } from './ed25519-rfc8032.fixture.ts';
import { smallOrderEncodings } from './ed25519-small-order.fixture.ts';
import { isAdmissible, publicKeyFromSeed, signEd25519, verifyEd25519 } from './ed25519.ts';
import { createWebCryptoVerifier } from './ed25519-webcrypto.ts';

const hex = (text: string) => unwrap(fromHex(text));
const path = vectorsPath('ed25519/ed25519vectors.json');
const edgeCases = async () => (path === undefined ? undefined : readFile(path, 'utf8'));

ed25519Contract(
  'noble',
  async () =>
    async (...input) =>
      verifyEd25519(...input),
  edgeCases,
);
ed25519Contract(
  'node:crypto',
  async () =>
    async (...input) =>
      verifyEd25519Node(...input),
  edgeCases,
);
ed25519Contract('WebCrypto in Node', async () => createWebCryptoVerifier(crypto.subtle), edgeCases);

describe('signing', () => {
  it.each(rfc8032)('gives key and signature of RFC 8032 $name on both paths', (vector) => {
    expect(toHex(publicKeyFromSeed(hex(vector.seed)))).toBe(vector.publicKey);
    expect(toHex(signEd25519(hex(vector.message), hex(vector.seed)))).toBe(vector.signature);
    expect(toHex(signEd25519Node(hex(vector.message), hex(vector.seed)))).toBe(vector.signature);
  });

  it('keeps keys apart while more pass through than are kept ready', () => {
    const message = Uint8Array.of(1);
    const seeds = Array.from({ length: 600 }, (_, i) =>
      Uint8Array.from({ length: 32 }, (_, j) => (j === 0 ? i >> 8 : i)),
    );
    const signed = seeds.map((seed) => signEd25519Node(message, seed));
    for (const index of [0, 599, 300]) {
      const seed = seeds[index] ?? new Uint8Array();
      expect(signed[index]).toEqual(signEd25519(message, seed));
      expect(verifyEd25519Node(publicKeyFromSeed(seed), message, signed[index] ?? seed)).toBe(true);
    }
  });
});

describe('isAdmissible', () => {
  const seed = new Uint8Array(32).fill(1);
  const publicKey = publicKeyFromSeed(seed);
  const signature = signEd25519(new Uint8Array(), seed);

  it('knows every small-order encoding of the curve library', () => {
    const order8 = ed25519.Point.fromHex(smallOrderEncodings[6]);
    const canonical = Array.from({ length: 8 }, (_, i) =>
      (i === 0 ? ed25519.Point.ZERO : order8.multiplyUnsafe(BigInt(i))).toHex(),
    );
    expect(canonical.toSorted()).toEqual(smallOrderEncodings.slice(0, 8).toSorted());
  });

  it.each(smallOrderEncodings)('refuses %s', (encoded) => {
    expect(isAdmissible(hex(encoded), signature)).toBe(false);
    expect(isAdmissible(publicKey, concatBytes(hex(encoded), signature.subarray(32)))).toBe(false);
  });

  it('refuses every y at or above the field prime, of whatever order', () => {
    for (let lowByte = 0xed; lowByte <= 0xff; lowByte++) {
      for (const highByte of [0x7f, 0xff]) {
        const encoded = new Uint8Array(32).fill(0xff).with(0, lowByte).with(31, highByte);
        expect(isAdmissible(encoded, signature)).toBe(false);
        expect(isAdmissible(publicKey, concatBytes(encoded, signature.subarray(32)))).toBe(false);
      }
    }
  });

  it('refuses S from the group order on, so that a signature has no second form', () => {
    const scalars = ed25519.Point.Fn;
    const halves = (S: Uint8Array) => concatBytes(signature.subarray(0, 32), S);
    expect(isAdmissible(publicKey, halves(scalars.toBytes(scalars.ORDER - 1n)))).toBe(true);
    expect(isAdmissible(publicKey, halves(littleEndian(scalars.ORDER)))).toBe(false);
    const malleated = halves(littleEndian(scalars.fromBytes(signature.subarray(32)) + scalars.ORDER));
    expect(isAdmissible(publicKey, malleated)).toBe(false);
    expect(verifyEd25519(publicKey, new Uint8Array(), malleated)).toBe(false);
  });

  it('refuses other lengths', () => {
    expect(isAdmissible(publicKey, signature)).toBe(true);
    expect(isAdmissible(publicKey.subarray(1), signature)).toBe(false);
    expect(isAdmissible(concatBytes(publicKey, Uint8Array.of(0)), signature)).toBe(false);
    expect(isAdmissible(publicKey, signature.subarray(1))).toBe(false);
    expect(isAdmissible(publicKey, concatBytes(signature, Uint8Array.of(0)))).toBe(false);
  });
});

describe('the equation', () => {
  it.skipIf(!path)('is cofactorless where noble alone is not (skipped without the vectors)', async () => {
    const admissible = readEdgeCases((await edgeCases()) ?? '[]').filter((edge) =>
      isAdmissible(edge.publicKey, edge.signature),
    );
    const residues = admissible.filter(({ flags }) => flags.includes('low_order_residue'));
    expect(admissible).toHaveLength(ACCEPTED_CASES.length + residues.length);
    expect(residues).toHaveLength(63);
    for (const { publicKey, message, signature } of residues) {
      expect(ed25519.verify(signature, message, publicKey, { zip215: false })).toBe(true);
      expect(verifyEd25519(publicKey, message, signature)).toBe(false);
    }
  });
});

function littleEndian(scalar: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((scalar >> BigInt(8 * i)) & 0xffn));
}
