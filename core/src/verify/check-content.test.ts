import { expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { toHex } from '../encoding/hex.ts';
import { encodeCapability } from '../eris/capability.ts';
import { encodeContent } from '../eris/encode.ts';
import { checkContent } from './check-content.ts';
import { someFile } from './evidence.fixture.ts';

it('passes a lone block only under the key that follows from the file: nothing else vouches for that key', async () => {
  const file = someFile('keys', 500);
  const rungs = async (secret?: Uint8Array) => {
    const { capability, blocks } = encodeContent(file, secret && { secret });
    const artifact = {
      name: 'file.tgz',
      mediaType: 'application/gzip',
      size: file.length,
      sha256: sha256(file),
      eris: encodeCapability(capability),
    };
    const get = (reference: Uint8Array) => Promise.resolve(blocks.get(toHex(reference)));
    return await checkContent(artifact, { kind: 'blocks', get }, () => 0);
  };
  expect((await rungs()).map(({ state }) => state)).toEqual(['pass', 'pass']);
  const [bytes, blocks] = await rungs(new Uint8Array(32).fill(1));
  expect(bytes.state).toBe('missing');
  expect(blocks).toMatchObject({ state: 'fail', error: { code: 'E_ERIS_KEY' } });
});
