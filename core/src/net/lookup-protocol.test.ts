import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock as clock } from '../clock.fixture.ts';
import { unwrap } from '../errors/result.ts';
import { decodeLookup } from '../lookup/bundle.ts';
import { checkLookup } from '../lookup/check.ts';
import { LookupLog } from '../lookup/lookup.fixture.ts';
import { protocols } from '../protocols.ts';
import { createHttpMirror } from './http-mirror.ts';
import { createLibp2pPair, type Libp2pPair } from './libp2p-pair.fixture.ts';
import { createLookupClient, serveLookups } from './lookup-protocol.ts';

const SCOPED = 'pkg:npm/%40noble/hashes@2.4.0';

let pair: Libp2pPair;
let log: LookupLog;
let ready = true;

beforeAll(async () => {
  log = await LookupLog.of([['pkg:npm/clsx@2.1.1'], [SCOPED]]);
  pair = await createLibp2pPair();
  const view = () => (ready ? log.view() : undefined);
  await pair.handle(protocols.lookup, (stream) => void serveLookups(stream, { view, clock }));
});
afterAll(() => pair.stop());

describe('lookup protocol', () => {
  const ask = () => createLookupClient({ open: pair.opener(protocols.lookup), clock });

  it('answers with a bundle that proves itself, with the head or without', async () => {
    const size = log.log.size;
    const mapRoot = log.packages.root();
    for (const known of [{}, { from: 2 }, { have: size }]) {
      const bundle = unwrap(decodeLookup(await ask()(SCOPED, known)));
      expect(checkLookup(bundle, SCOPED, { size, mapRoot })).toMatchObject({ ok: true });
      expect(bundle.head === undefined).toBe('have' in known);
      expect(bundle.head?.consistency === undefined).toBe(!('from' in known));
    }
  });

  it('refuses what names no package, and goes on', async () => {
    const lookup = ask();
    await expect(lookup('pkg:npm/@noble/hashes', {})).rejects.toMatchObject({ code: 'E_PROTOCOL' });
    expect(await lookup(SCOPED, {})).toBeInstanceOf(Uint8Array);
  });

  it('says so while it has no whole log', async () => {
    ready = false;
    await expect(ask()(SCOPED, {})).rejects.toMatchObject({ code: 'E_LOOKUP_UNAVAILABLE' });
    ready = true;
  });
});

describe('lookups over HTTP', () => {
  it('name the purl in one path segment and the sizes in the query', async () => {
    const asked: string[] = [];
    const fetch = (url: string) => {
      asked.push(url);
      return Promise.resolve(new Response(Uint8Array.of(1)));
    };
    const mirror = createHttpMirror({ baseUrl: 'http://127.0.0.1:1', fetch, clock, timeoutMs: 1000 });
    for (const known of [{}, { have: 5 }, { from: 3 }]) await mirror.lookup?.(SCOPED, known);
    const path = 'http://127.0.0.1:1/lookup/pkg%3Anpm%2F%2540noble%2Fhashes%402.4.0';
    expect(asked).toEqual([path, `${path}?have=5`, `${path}?from=3`]);
  });

  it('are refused above their size limit', async () => {
    const endless = () =>
      Promise.resolve(new Response(new Uint8Array(3 * 1024 * 1024), { headers: { 'content-type': 'x/y' } }));
    const mirror = createHttpMirror({
      baseUrl: 'http://127.0.0.1:1',
      fetch: endless,
      clock,
      timeoutMs: 1000,
    });
    await expect(mirror.lookup?.(SCOPED, {})).rejects.toMatchObject({ code: 'E_RESPONSE_TOO_LARGE' });
  });
});
