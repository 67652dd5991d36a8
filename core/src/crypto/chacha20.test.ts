import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { chacha20 } from './chacha20.ts';

describe('ChaCha20', () => {
  it('gives the key stream of RFC 8439 A.1, test vector 1', () => {
    expect(toHex(chacha20(new Uint8Array(32), new Uint8Array(12), new Uint8Array(64)))).toBe(
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
        'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    );
  });

  it('encrypts the text of RFC 8439 §2.4.2 in its second block', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const nonce = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0);
    const text = utf8(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
        'sunscreen would be it.',
    );
    const sealed = chacha20(key, nonce, concatBytes(new Uint8Array(64), text)).subarray(64);
    expect(toHex(sealed)).toBe(
      '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b' +
        'f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8' +
        '07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736' +
        '5af90bbf74a35be6b40b8eedf2785e42874d',
    );
  });

  it('agrees with OpenSSL, and undoes itself', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.uint8Array({ maxLength: 300 }), (key, nonce, data) => {
        const counterThenNonce = concatBytes(new Uint8Array(4), nonce);
        const sealed = chacha20(key, nonce, data);
        expect(toHex(sealed)).toBe(
          createCipheriv('chacha20', key, counterThenNonce).update(data).toString('hex'),
        );
        expect(chacha20(key, nonce, sealed)).toEqual(data);
      }),
    );
  });
});
