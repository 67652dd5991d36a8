import { describe, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { parsePurl } from '@assay/core/records/purl.ts';
import { createNpmRegistry } from './npm-registry.ts';
import { integrityOf } from '../testing/fake-registry.fixture.ts';

const PURL = unwrap(parsePurl('pkg:npm/tiny@1.0.0'));
const forever = new AbortController().signal;

/** Asks a registry at `base` that names `tarball` and redirects from there to `redirect`; gives the addresses asked. */
async function ask(base: string, tarball: string, redirect?: string): Promise<string[]> {
  const asked: string[] = [];
  const dist = { tarball, integrity: integrityOf(new Uint8Array(1)) };
  const packument = JSON.stringify({ name: 'tiny', versions: { '1.0.0': { dist } } });
  const answer = (input: RequestInfo | URL): Promise<Response> => {
    const url = String(input instanceof Request ? input.url : input);
    asked.push(url);
    const isRedirect = url === tarball && redirect !== undefined;
    return Promise.resolve(
      isRedirect
        ? new Response(null, { status: 302, headers: { location: redirect } })
        : new Response(url === `${base}tiny` ? packument : 'x'),
    );
  };
  const registry = createNpmRegistry({
    baseUrl: base,
    fetch: answer,
    clock: createClock(globalThis),
    retryDelayMs: 1,
  });
  await registry.tarball(PURL, await registry.release(PURL, forever), 100, forever);
  return asked;
}

describe('a registry on the internet', () => {
  const base = 'https://registry.invalid/';
  const inside = [
    'https://127.0.0.1/t',
    'https://0x7f.1/t',
    'https://localhost:8443/t',
    'https://a.localhost./t',
    'https://[::1]/t',
    'https://[::ffff:10.0.0.1]/t',
    'https://[fe80::1]/t',
    'https://169.254.169.254/t',
    'https://192.168.0.1/t',
  ];

  it.each(inside)('cannot send an authority to %s', async (address) => {
    await expect(ask(base, address)).rejects.toMatchObject({ code: 'E_UPSTREAM_ANSWER' });
    const tarball = `${base}t`;
    await expect(ask(base, tarball, address)).rejects.toMatchObject({ code: 'E_UPSTREAM_ANSWER' });
  });

  it('may keep its tarballs at another host there', async () => {
    const [tarball, redirect] = ['https://files.invalid/t', 'https://8.8.8.8/t'];
    expect(await ask(base, tarball, redirect)).toEqual([`${base}tiny`, tarball, redirect]);
  });
});

it('a registry in the own network may keep its tarballs there', async () => {
  expect(await ask('http://10.0.0.7/', 'http://127.0.0.1/t')).toHaveLength(2);
});
