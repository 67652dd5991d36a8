import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWith } from '../encoding/cbor-shape.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { Result } from '../errors/result.ts';
import {
  readRequestProgress,
  requestProgressFromJson,
  requestProgressToCbor,
  type RequestProgress,
} from './request-progress.ts';
import { readServerSentEvents } from './server-sent-events.ts';
import { decodeSignedRequest, encodeSignedRequest } from './signed-request.ts';
import { readAuthorityStatus } from './status-protocol.ts';

const wireError = fc.constant({ code: 'E_TIMEOUT', fields: { seconds: 3 } });
const progress: fc.Arbitrary<RequestProgress> = fc.record(
  {
    id: fc.constant('ab12'),
    purl: fc.constant('pkg:npm/clsx@2.1.1'),
    state: fc.constantFrom('queued', 'fetching', 'agreeing', 'ordering', 'in-log', 'failed'),
    needed: fc.nat(100),
    agreed: fc.nat(100),
    authorities: fc.array(
      fc.record(
        {
          name: fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[^a-z]/g, 'x')),
          state: fc.constantFrom('waiting', 'fetching', 'attested', 'failed'),
          digest: fc.constant('cdef'),
          error: wireError,
        },
        { requiredKeys: ['name', 'state'] },
      ),
      { maxLength: 5 },
    ),
    index: fc.nat(),
    error: wireError,
  },
  { requiredKeys: ['id', 'purl', 'state', 'needed', 'agreed', 'authorities'] },
);

const request = encodeSignedRequest({
  v: 1,
  networkId: new Uint8Array(32),
  purl: 'pkg:npm/clsx',
  at: 7,
  requester: new Uint8Array(32),
  signature: new Uint8Array(64),
});
const status = encodeCbor({
  name: 'a',
  epoch: 1,
  view: 1,
  height: 1,
  size: 2,
  finalized: 1,
  leader: 0,
  busy: false,
  pending: 0,
  peers: [{ index: 1, name: 'b' }],
});
const progressBytes = encodeCbor(
  requestProgressToCbor({ id: 'ab', purl: 'p', state: 'queued', authorities: [], needed: 3, agreed: 0 }),
);

/** Bytes out of nowhere, and good bytes with some changed, cut off or added. */
function hostile(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const mutated = fc
    .tuple(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }), fc.nat(good.length))
    .map(([changes, length]) => {
      const bytes = good.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes.subarray(0, length === 0 ? good.length : length);
    });
  return fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated);
}

const decoders: readonly [string, Uint8Array, (bytes: Uint8Array) => Result<unknown>][] = [
  ['a signed request', request, decodeSignedRequest],
  ['progress', progressBytes, (bytes) => decodeWith(bytes, readRequestProgress)],
  ['an authority status', status, (bytes) => decodeWith(bytes, readAuthorityStatus)],
  ['JSON progress', progressBytes, (bytes) => requestProgressFromJson(new TextDecoder().decode(bytes))],
];

describe('decoders of what others send', () => {
  it.each(decoders.slice(0, 3))('read %s as it was written', (_name, good, decode) => {
    expect(decode(good).ok).toBe(true);
  });

  it.each(decoders)('never throw at hostile bytes: %s', (_name, good, decode) => {
    fc.assert(fc.property(hostile(good), (bytes) => typeof decode(bytes).ok === 'boolean'));
  });

  it('carry progress unchanged through CBOR and through JSON', () => {
    fc.assert(
      fc.property(progress, (one) => {
        const cbor = decodeWith(encodeCbor(requestProgressToCbor(one)), readRequestProgress);
        const json = requestProgressFromJson(JSON.stringify(one));
        expect([cbor, json]).toEqual([
          { ok: true, value: one },
          { ok: true, value: one },
        ]);
      }),
    );
  });

  it('read the same server-sent events however the bytes are cut', async () => {
    const text = ': hi\n\nevent: x\ndata: one\n\ndata: two\r\ndata: lines\r\n\r\nid: 3\ndata:🎉\n\n';
    const bytes = new TextEncoder().encode(text);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const ends = [...new Set([...cuts, bytes.length])].toSorted((a, b) => a - b);
        async function* pieces(): AsyncGenerator<Uint8Array> {
          let start = 0;
          for (const end of ends) {
            yield bytes.subarray(start, end);
            start = end;
          }
        }
        const events: string[] = [];
        for await (const event of readServerSentEvents(pieces())) events.push(event);
        expect(events).toEqual(['one', 'two\nlines', '🎉']);
      }),
    );
  });
});
