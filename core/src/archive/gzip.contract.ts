import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { brokenStreams, filledStreams, gzip } from './gzip.fixture.ts';
import { gunzip } from './gzip.ts';

const maxBytes = 300_000;

/** What `gunzip` must do on every platform, whose decompressors differ in what they let pass. */
export function gunzipContract(platform: string): void {
  describe(`gunzip in ${platform}`, () => {
    it('gives back what was packed, the empty file too', async () => {
      for (const content of [new Uint8Array(), utf8('text'), new Uint8Array(maxBytes).fill(7)]) {
        expect(unwrap(await gunzip(await gzip(content), { maxBytes }))).toEqual(content);
      }
    });

    it('stops a bomb at the limit', async () => {
      const bomb = await gzip(new Uint8Array(50_000_000));
      expect(bomb.length).toBeLessThan(60_000);
      const unpacked = await gunzip(bomb, { maxBytes });
      expect(unpacked.ok ? undefined : unpacked.error.code).toBe('E_GZIP_TOO_LARGE');
    });

    it('takes zeros after the stream', async () => {
      for (const filled of await filledStreams()) expect((await gunzip(filled, { maxBytes })).ok).toBe(true);
    });

    it('refuses streams that are cut, joined, appended to or damaged', async () => {
      for (const [what, bytes] of await brokenStreams()) {
        const unpacked = await gunzip(bytes, { maxBytes });
        expect(unpacked.ok ? 'nothing' : unpacked.error.code, what).toBe('E_GZIP');
      }
    });
  });
}
