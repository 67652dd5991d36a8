import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { forgetSigningKey, signEd25519Node, verifyEd25519Node } from './ed25519-node.ts';
import { publicKeyFromSeed } from './ed25519.ts';

const seed = new Uint8Array(32).fill(5);
const publicKey = publicKeyFromSeed(seed);
const message = utf8('seen twice');
const signature = signEd25519Node(message, seed);
const changed = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte));

describe('a signature that was found valid once', () => {
  it('is valid again, but vouches for no other key, message or signature', () => {
    for (let look = 0; look < 2; look++) {
      expect(verifyEd25519Node(publicKey, message, signature)).toBe(true);
      expect(verifyEd25519Node(changed(publicKey), message, signature)).toBe(false);
      expect(verifyEd25519Node(publicKey, changed(message), signature)).toBe(false);
      expect(verifyEd25519Node(publicKey, message, changed(signature))).toBe(false);
    }
  });

  it('does not pass when bytes move from one part to the next', () => {
    expect(verifyEd25519Node(publicKey, message, signature)).toBe(true);
    const [first = 0, ...rest] = message;
    const longer = Uint8Array.of(...signature, first);
    expect(verifyEd25519Node(publicKey, Uint8Array.from(rest), longer)).toBe(false);
  });
});

describe('a seed that is forgotten', () => {
  it('is kept ready no longer, until it signs anew', () => {
    const erased = new Uint8Array(32).fill(6);
    expect(forgetSigningKey(erased)).toBe(false);
    const before = signEd25519Node(message, erased);
    expect(forgetSigningKey(changed(erased))).toBe(false);
    expect([forgetSigningKey(erased), forgetSigningKey(erased)]).toEqual([true, false]);
    expect(signEd25519Node(message, erased)).toEqual(before);
    expect(forgetSigningKey(erased)).toBe(true);
  });
});
