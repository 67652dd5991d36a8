import { vectorsUrl } from '../testing/browser-vectors.ts';
import { ed25519Contract } from './ed25519-contract.fixture.ts';
import { verifyEd25519 } from './ed25519.ts';
import { createWebCryptoVerifier } from './ed25519-webcrypto.ts';

async function edgeCases(): Promise<string | undefined> {
  const url = vectorsUrl('ed25519/ed25519vectors.json');
  return url === undefined ? undefined : (await fetch(url)).text();
}

ed25519Contract(
  'noble in a browser',
  async () =>
    async (...input) =>
      verifyEd25519(...input),
  edgeCases,
);
ed25519Contract('WebCrypto in a browser', async () => createWebCryptoVerifier(crypto.subtle), edgeCases);
