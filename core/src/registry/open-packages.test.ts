import { describe, expect, it } from 'vitest';
import { MAX_KEPT_BYTES, OpenPackages } from './open-packages.ts';
import { setUpRegistry } from './registry.fixture.ts';
import type { VerifiedPackages } from './types.ts';

/** `count` packages whose one file has this many bytes, and how often each was taken out of the store. */
async function setUp(count: number, bytes: number) {
  const purls = Array.from({ length: count }, (_, i) => `pkg:npm/lib@1.0.${i}`);
  const files = { 'package.json': '{"name":"lib","version":"1.0.0"}', big: 'x'.repeat(bytes) };
  const { packages, peer } = await setUpRegistry(Object.fromEntries(purls.map((purl) => [purl, files])));
  const taken: string[] = [];
  const counted: VerifiedPackages = {
    ...packages,
    async read(purl) {
      const read = await packages.read(purl);
      if (!read.ok) return read;
      const chunks = () => {
        taken.push(purl);
        return read.value.chunks();
      };
      return { ok: true, value: { ...read.value, chunks } };
    },
  };
  return { open: new OpenPackages(counted), purls, taken, peer };
}

describe('OpenPackages', () => {
  it('unpacks a package once, however many files of it are asked for at the same time', async () => {
    const { open, purls, taken } = await setUp(1, 10);
    const purl = purls[0] ?? '';
    const all = await Promise.all(Array.from({ length: 20 }, () => open.contents(purl)));
    expect(new Set(all).size).toBe(1);
    expect(await open.contents(purl)).toBe(all[0]);
    expect(taken).toEqual([purl]);
  });

  it('keeps what was used last, up to its limit', async () => {
    const { open, purls, taken } = await setUp(3, MAX_KEPT_BYTES * 0.4);
    const [a = '', b = '', c = ''] = purls;
    for (const purl of [a, b, a, c]) await open.contents(purl);
    expect(taken).toEqual([a, b, c]);
    await open.contents(a);
    expect(taken).toEqual([a, b, c]);
    await open.contents(b);
    expect(taken).toEqual([a, b, c, b]);
  }, 60_000);

  it('does not keep what is too large', async () => {
    const { open, purls, taken } = await setUp(1, MAX_KEPT_BYTES + 1);
    const purl = purls[0] ?? '';
    for (let i = 0; i < 2; i++) await open.contents(purl);
    expect(taken).toEqual([purl, purl]);
  }, 60_000);

  it('says what hindered the fetch', async () => {
    const { open, purls, peer } = await setUp(1, 10);
    peer.mode = 'gone';
    await expect(open.contents(purls[0] ?? '')).rejects.toMatchObject({
      code: 'E_REGISTRY_UNAVAILABLE',
      fields: { reason: expect.stringMatching(/^Nobody delivered .*[^.]$/) },
    });
  });
});
