import { expect, it } from 'vitest';
import { makePeerKey } from './peer-key.ts';

it('makes a key whose two halves belong together, another one each time', async () => {
  const [one, other] = await Promise.all([makePeerKey(crypto.subtle), makePeerKey(crypto.subtle)]);
  if (one === undefined || other === undefined) throw new Error('Node knows Ed25519');
  const message = Uint8Array.of(1, 2, 3);
  const signature = await one.sign(message);
  expect(one.type).toBe('Ed25519');
  expect(await one.publicKey.verify(message, signature)).toBe(true);
  expect(await other.publicKey.verify(message, signature)).toBe(false);
});

it('leaves it to libp2p where the platform has no Ed25519', async () => {
  const generateKey = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
  expect(await makePeerKey({ generateKey } as unknown as SubtleCrypto)).toBeUndefined();
});
