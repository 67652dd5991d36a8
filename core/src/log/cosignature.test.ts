import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../encoding/bytes.ts';
import { unwrap } from '../errors/result.ts';
import { cosignatureMessage, encodeCosignature, parseCosignature } from './cosignature.ts';

const signature = Uint8Array.from({ length: 64 }, (_, i) => i);

describe('a cosignature', () => {
  it('signs the message of the C2SP example', () => {
    const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(unwrap(fromUtf8(cosignatureMessage(body, 1_679_315_147)))).toBe(
      `cosignature/v1\ntime 1679315147\n${body}`,
    );
  });

  it('is the time in 64 bits and the signature', () => {
    const bytes = encodeCosignature(2 ** 40 + 5, signature);
    expect([...bytes.subarray(0, 8)]).toEqual([0, 0, 1, 0, 0, 0, 0, 5]);
    expect(unwrap(parseCosignature(bytes))).toEqual({ time: 2 ** 40 + 5, signature });
  });

  it('is refused when it is too short, too long, or from a time that is no exact number', () => {
    const bytes = encodeCosignature(7, signature);
    const farAway = Uint8Array.of(0, 0x20, ...bytes.subarray(2));
    for (const bad of [bytes.subarray(1), Uint8Array.of(...bytes, 0), new Uint8Array(0), farAway]) {
      expect(parseCosignature(bad)).toMatchObject({ ok: false, error: { code: 'E_COSIGNATURE' } });
    }
    expect(() => encodeCosignature(7, signature.subarray(1))).toThrow(
      expect.objectContaining({ code: 'E_COSIGNATURE' }),
    );
  });
});
