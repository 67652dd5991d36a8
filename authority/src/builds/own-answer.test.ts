import { describe, expect, it } from 'vitest';
import { readAttestation } from '@assay/core/archive/attestation.ts';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { makeAuthoritySet } from '@assay/core/records/authority-set.ts';
import { makeNetwork, makeProposal } from '@assay/core/records/network.fixture.ts';
import { proposalDigest } from '@assay/core/records/proposal.ts';
import { parsePurl } from '@assay/core/records/purl.ts';
import { Eras } from '../era.ts';
import type { Mirrored } from './npm-mirror.ts';
import { createBuilder } from './own-answer.ts';

const PURL = 'pkg:npm/tiny@1.0.0';
const purl = unwrap(parsePurl(PURL));
const network = makeNetwork(4);
const proposal = makeProposal(PURL, utf8('content'));
const forever = new AbortController().signal;

function builder(
  mirror: (signal: AbortSignal) => Promise<Mirrored>,
  clock = new ManualClock(),
  eras = new Eras({ trust: network.trust, me: 2 }),
) {
  return createBuilder({
    mirror: { mirror: (_purl, signal) => mirror(signal), discard: () => Promise.resolve() },
    eras,
    buildSeed: network.seed(2, 'build'),
    clock,
    timeoutMs: 5_000,
  });
}

const read = (envelope: Uint8Array) => unwrap(readAttestation(envelope, network.trust, verifyEd25519Node));

describe('the own answer', () => {
  it('names what was fetched, signed with the build key', async () => {
    const upstream = 'https://registry.invalid/tiny.tgz';
    const answer = await builder(() => Promise.resolve({ proposal, upstream })).answer(purl, forever);
    expect(answer.proposal).toBe(proposal);
    expect(read(answer.envelope)).toMatchObject({
      authority: 2,
      purl: PURL,
      outcome: { kind: 'digest', proposalDigest: toHex(proposalDigest(proposal)) },
    });
  });

  it('names why nothing was fetched', async () => {
    const error = new AssayError('E_UPSTREAM_INTEGRITY', { name: 'tiny@1.0.0' });
    const answer = await builder(() => Promise.reject(error)).answer(purl, forever);
    expect(answer.proposal).toBeUndefined();
    expect(read(answer.envelope).outcome).toEqual({
      kind: 'failed',
      error: { code: 'E_UPSTREAM_INTEGRITY', fields: { name: 'tiny@1.0.0' } },
    });
  });

  it('is a failure, too, when the program itself is at fault', async () => {
    const answer = await builder(() => Promise.reject(new RangeError('oops'))).answer(purl, forever);
    expect(read(answer.envelope).outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'E_UNKNOWN', fields: { code: 'RangeError' } },
    });
  });

  it('is a failure when fetching takes too long', async () => {
    const clock = new ManualClock();
    let stopped = false;
    const never = (signal: AbortSignal): Promise<Mirrored> => {
      signal.addEventListener('abort', () => (stopped = true));
      return new Promise(() => undefined);
    };
    const answer = builder(never, clock).answer(purl, forever);
    await clock.advance(5_000);
    expect(read((await answer).envelope).outcome).toEqual({
      kind: 'failed',
      error: { code: 'E_TIMEOUT', fields: { seconds: 5 } },
    });
    expect(stopped).toBe(true);
  });

  it('is not given when the work was stopped', async () => {
    const stop = new AbortController();
    const answer = builder(() => new Promise(() => undefined)).answer(purl, stop.signal);
    stop.abort();
    await expect(answer).rejects.toMatchObject({ code: 'E_ABORTED' });
  });

  it('is signed anew for another epoch with all else as it was, and left alone within one', async () => {
    const { trust } = network;
    const authorities = trust.current.authorities.toReversed();
    const current = makeAuthoritySet(trust.genesis.origin, { ...trust.current, epoch: 2, authorities });
    const failure = () => Promise.reject(new AssayError('E_UPSTREAM_NO_PACKAGE', { name: 'tiny' }));
    const success = () => Promise.resolve({ proposal, upstream: 'https://registry.invalid/tiny.tgz' });
    for (const mirror of [success, failure]) {
      const eras = new Eras({ trust, me: 2 });
      const own = builder(mirror, new ManualClock(), eras);
      const { envelope } = await own.answer(purl, forever);
      expect(own.renew(envelope)).toBe(envelope);
      eras.begin({ trust: { ...trust, current }, me: 1 });
      const renewed = own.renew(envelope);
      const attestation = unwrap(readAttestation(renewed, trust, verifyEd25519Node, current));
      expect(attestation).toMatchObject({ authority: 1, purl: PURL, outcome: read(envelope).outcome });
      expect(readAttestation(renewed, trust, verifyEd25519Node).ok).toBe(false);
    }
  });
});
