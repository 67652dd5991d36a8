import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { fromHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { smallOrderEncodings } from './ed25519-small-order.fixture.ts';
import { publicKeyFromSeed, signEd25519 } from './ed25519.ts';
import { createWebCryptoVerifier } from './ed25519-webcrypto.ts';

const seed = new Uint8Array(32).fill(3);
const publicKey = publicKeyFromSeed(seed);
const message = Uint8Array.of(1, 2, 3);
const signature = signEd25519(message, seed);
const otherMessage = Uint8Array.of(4);
const inadmissible = concatBytes(unwrap(fromHex(smallOrderEncodings[0])), new Uint8Array(32));

/** A platform whose answers after the first two, which are the probe, come from `answer`. */
function platform(probe: boolean[], answer: () => boolean) {
  const asked = { times: 0 };
  const subtle = {
    importKey: async () => ({}),
    verify: async () => {
      asked.times++;
      return probe.shift() ?? answer();
    },
  } as unknown as SubtleCrypto;
  return { subtle, asked };
}

describe('createWebCryptoVerifier', () => {
  it('gives the answer of a platform that passes the probe', async () => {
    const { subtle } = platform([true, false], () => true);
    const verify = await createWebCryptoVerifier(subtle);
    expect(await verify(publicKey, otherMessage, signature)).toBe(true);
  });

  it('does not even ask the platform about what the rule refuses', async () => {
    const { subtle, asked } = platform([true, false], () => true);
    const verify = await createWebCryptoVerifier(subtle);
    expect(await verify(publicKey, message, inadmissible)).toBe(false);
    expect(asked.times).toBe(2);
  });

  it.each([
    ['refuses everything', [false, false]],
    ['accepts everything', [true, true]],
  ])('does not use a platform that %s', async (_, probe) => {
    const { subtle, asked } = platform(probe, () => true);
    const verify = await createWebCryptoVerifier(subtle);
    expect(await verify(publicKey, message, signature)).toBe(true);
    expect(await verify(publicKey, otherMessage, signature)).toBe(false);
    expect(asked.times).toBe(2);
  });

  it('does without a platform that has no Ed25519', async () => {
    const subtle = {
      importKey: () => Promise.reject(new Error('NotSupportedError')),
    } as unknown as SubtleCrypto;
    const verify = await createWebCryptoVerifier(subtle);
    expect(await verify(publicKey, message, signature)).toBe(true);
    expect(await verify(publicKey, otherMessage, signature)).toBe(false);
  });

  it('answers itself when the platform fails to', async () => {
    const { subtle } = platform([true, false], () => {
      throw new Error('OperationError');
    });
    const verify = await createWebCryptoVerifier(subtle);
    expect(await verify(publicKey, message, signature)).toBe(true);
    expect(await verify(publicKey, otherMessage, signature)).toBe(false);
  });
});
