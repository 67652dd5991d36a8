import { describe, expect, it } from 'vitest';
import { readAttestation } from '@assay/core/archive/attestation.ts';
import { ManualClock } from '@assay/core/clock.fixture.ts';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { makeNetwork, makeProposal } from '@assay/core/records/network.fixture.ts';
import { proposalDigest } from '@assay/core/records/proposal.ts';
import { parsePurl } from '@assay/core/records/purl.ts';
import type { Mirrored } from './npm-mirror.ts';
import { createBuilder } from './own-answer.ts';

const PURL = 'pkg:npm/tiny@1.0.0';
const purl = unwrap(parsePurl(PURL));
const network = makeNetwork(4);
const proposal = makeProposal(PURL, utf8('content'));
const forever = new AbortController().signal;

function builder(mirror: (signal: AbortSignal) => Promise<Mirrored>, clock = new ManualClock()) {
  return createBuilder({
    mirror: { mirror: (_purl, signal) => mirror(signal), discard: () => Promise.resolve() },
    trust: network.trust,
    me: 2,
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
});
