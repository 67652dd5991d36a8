import { beforeEach, describe, expect, it } from 'vitest';
import { openAttestation } from '@assay/core/archive/attestation.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { attest, attestFailure, makeNetwork, makeProposal } from '@assay/core/records/network.fixture.ts';
import { proposalDigest } from '@assay/core/records/proposal.ts';
import { assembleTransaction } from './assemble.ts';
import { decide } from './decide.ts';
import { Job } from './job.ts';
import { Round, type Answer } from './round.ts';

const PURL = 'pkg:npm/tiny@1.0.0';
const network = makeNetwork(4);
const names = network.trust.current.authorities.map(({ name }) => name);
const good = makeProposal(PURL, utf8('good'));
const other = makeProposal(PURL, utf8('other'));
const ALL = new Set([0, 1, 2, 3]);

const answer = (envelope: Uint8Array): Answer => ({
  envelope,
  attestation: unwrap(openAttestation(envelope, network.trust)).attestation,
});
const saw = (authority: number, proposal = good): Answer => answer(attest(network, authority, proposal));
const failed = (authority: number): Answer => answer(attestFailure(network, authority, PURL));

describe('a round', () => {
  let round: Round;
  beforeEach(() => {
    round = new Round(names);
  });

  it('is open until a quorum has said the same', () => {
    round.take(saw(0));
    round.take(saw(1));
    expect(round.standing(ALL).kind).toBe('open');
    round.take(saw(2));
    expect(round.standing(ALL)).toMatchObject({ kind: 'agreed', complete: false });
    round.take(failed(3));
    expect(round.standing(ALL)).toMatchObject({ kind: 'agreed', complete: true });
    expect(round.standing(ALL)).toMatchObject({ group: { digest: toHex(proposalDigest(good)) } });
  });

  it('is complete without those who cannot be reached', () => {
    for (const authority of [0, 1, 2]) round.take(saw(authority));
    expect(round.standing(new Set([0, 1, 2]))).toMatchObject({ kind: 'agreed', complete: true });
  });

  it('is impossible as soon as no quorum can come about', () => {
    round.take(saw(0));
    round.take(saw(1, other));
    expect(round.isHopeless()).toBe(false);
    round.take(failed(2));
    expect(round.isHopeless()).toBe(true);
    expect(round.standing(ALL)).toEqual({ kind: 'impossible', complete: false });
  });

  it('counts the first answer of each authority only', () => {
    expect(round.take(saw(0, other))).toBe(true);
    expect(round.take(saw(0))).toBe(false);
    expect(round.answered).toBe(1);
    expect(round.progress()[0]?.digest).toBe(toHex(proposalDigest(other)));
  });

  it('does not count as equal who names other files under the same digest', () => {
    const odd = saw(2);
    const { outcome } = odd.attestation;
    if (outcome.kind !== 'digest') throw new Error('no digest');
    const artifacts = [{ name: 'package.tgz', sha256: '00'.repeat(32) }];
    for (const authority of [0, 1]) round.take(saw(authority));
    round.take({ ...odd, attestation: { ...odd.attestation, outcome: { ...outcome, artifacts } } });
    expect(round.agreed()).toBe(2);
  });

  it('tells what is known of each authority', () => {
    round.noteFetching(1);
    expect(round.noteFetching(1)).toBe(false);
    expect(round.noteFetching(9)).toBe(false);
    round.take(saw(0));
    round.take(failed(2));
    expect(round.progress()).toEqual([
      { name: 'ayla', state: 'attested', digest: toHex(proposalDigest(good)) },
      { name: 'borneo', state: 'fetching' },
      { name: 'cassini', state: 'failed', error: { code: 'E_UNKNOWN', fields: { code: 'none' } } },
      { name: 'delft', state: 'waiting' },
    ]);
  });

  it('takes from the record who agreed, though their answers did not arrive', () => {
    round.take(saw(0));
    round.take(saw(3, other));
    const digest = toHex(proposalDigest(good));
    round.conclude({ digest, builders: [0, 1, 2] });
    expect(round.agreed()).toBe(3);
    expect(round.progress().map((one) => one.digest)).toEqual([
      digest,
      digest,
      digest,
      toHex(proposalDigest(other)),
    ]);
  });

  it('fails for the common reason, else for want of agreement', () => {
    for (const authority of [0, 1, 2]) round.take(failed(authority));
    expect(round.failure().code).toBe('E_UNKNOWN');
    round.take(saw(3));
    expect(round.failure()).toEqual({ code: 'E_NO_AGREEMENT', fields: { agreed: 1, needed: 3 } });
  });
});

describe('the rule of agreement', () => {
  const limits = { graceMs: 100, answerTimeoutMs: 1_000 };
  let job: Job;
  const at = (now: number, reachable = ALL) => decide(job, { now, reachable, limits }).kind;
  beforeEach(() => {
    const request = { id: '00', bytes: new Uint8Array() };
    job = new Job({ purl: PURL, attempt: 1, opened: 0, request, names });
  });

  it('waits a grace for those who may still answer, and no longer than for all', () => {
    for (const authority of [0, 1, 2]) job.round.take(saw(authority));
    expect([at(0), at(99), at(100)]).toEqual(['wait', 'wait', 'order']);
    job.round.take(saw(3));
    job.decidedAt = undefined;
    expect(at(0)).toBe('order');
  });

  it('waits the same grace before it gives up', () => {
    for (const authority of [0, 1]) job.round.take(failed(authority));
    expect([at(0), at(99), at(100)]).toEqual(['wait', 'wait', 'fail']);
  });

  it('gives up on silence only once its own work has begun', () => {
    expect(at(5_000)).toBe('wait');
    job.startedAt = 5_000;
    expect([at(5_999), at(6_000)]).toEqual(['wait', 'fail']);
  });

  it('never gives up what a quorum agrees on', () => {
    job.startedAt = 0;
    for (const authority of [0, 1, 2]) job.round.take(saw(authority));
    expect([at(5_000), at(50_000)]).toEqual(['wait', 'order']);
  });
});

describe('a transaction', () => {
  const group = {
    digest: toHex(proposalDigest(good)),
    answers: [2, 0, 1].map((authority) => saw(authority)),
  };

  it('is the same whoever puts it together', () => {
    const one = assembleTransaction(good, group, [saw(3, other)]);
    const same = assembleTransaction(good, { ...group, answers: group.answers.toReversed() }, [
      saw(3, other),
    ]);
    expect(one).toEqual(same);
  });

  it('is not put together by one who saw something else', () => {
    expect(assembleTransaction(other, group, [])).toBeUndefined();
  });

  it('leaves out dissent that does not fit', () => {
    const long = { ...saw(3, other), envelope: new Uint8Array(260_000) };
    const transaction = assembleTransaction(good, group, [long]);
    expect(transaction?.length).toBeLessThan(20_000);
  });
});
