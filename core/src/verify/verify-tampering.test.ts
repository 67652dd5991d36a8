import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { unwrap } from '../errors/result.ts';
import { leafHash } from '../log/merkle.ts';
import { decodeEvidenceBundle, evidenceBundle } from '../records/agreement.ts';
import { attest, attestFailure, makeNetwork, makeProposal } from '../records/network.fixture.ts';
import { recordOf } from '../records/proposal.ts';
import type { NetworkTrust } from '../records/types.ts';
import {
  blocksContent,
  bytesContent,
  clsx,
  failsOf,
  fileOf,
  someFile,
  statesOf,
  TestLog,
  threePackages,
} from './evidence.fixture.ts';
import { ports } from './ports.fixture.ts';
import type { Evidence } from './types.ts';

import { verify } from './verify.ts';

const { purl, file } = clsx;

let log: TestLog;
let evidence: Evidence;

beforeAll(async () => {
  ({ log, evidence } = await threePackages());
});

async function check(changes: Partial<Evidence>, portChanges: Partial<typeof ports> = {}) {
  return await verify({ ...evidence, ...changes }, { ...ports, ...portChanges });
}

describe('one thing tampered with', () => {
  it.each<[string, () => Partial<Evidence> | Promise<Partial<Evidence>>, string[]]>([
    [
      'a byte of the file',
      () => content(file.with(20_000, 0)),
      ['bytes E_CONTENT_DIGEST', 'blocks E_CONTENT_CAPABILITY'],
    ],
    [
      'the end of the file cut',
      () => content(file.subarray(0, -1)),
      ['bytes E_CONTENT_SIZE', 'blocks E_CONTENT_CAPABILITY'],
    ],
    [
      'a byte appended to the file',
      () => content(Uint8Array.of(...file, 0)),
      ['bytes E_CONTENT_SIZE', 'blocks E_CONTENT_SIZE'],
    ],
    ['a byte of a block', () => ({ artifact: fileOf(blocksContent(1)) }), ['blocks E_ERIS_BLOCK_HASH']],
    [
      'a hash of the proof',
      () => ({ inclusion: evidence.inclusion?.map(flip) ?? [] }),
      ['inclusion E_INCLUSION'],
    ],
    [
      'the proof cut short',
      () => ({ inclusion: evidence.inclusion?.slice(1) ?? [] }),
      ['inclusion E_INCLUSION'],
    ],
    ['the index', () => ({ entry: { index: 2, bytes: entryBytes() } }), ['inclusion E_INCLUSION']],
    ['one cosignature too few', () => checkpoint({ cosigners: [0, 1] }), ['quorum E_QUORUM']],
    ['a cosigner twice in place of two', () => checkpoint({ cosigners: [0, 1, 1, 1] }), ['quorum E_QUORUM']],
    ['another origin', () => checkpoint({ origin: 'assay.test/other' }), ['quorum E_CHECKPOINT_ORIGIN']],
    [
      'another root, signed by all',
      () => checkpoint({ root: leafHash(new Uint8Array()) }),
      ['inclusion E_INCLUSION'],
    ],
    [
      'another root under the old signatures',
      () => ({
        checkpoint: replaceLine(2, checkpointText(checkpoint({ root: leafHash(new Uint8Array()) }))),
      }),
      ['inclusion E_INCLUSION', 'quorum E_NOTE_SIGNATURE'],
    ],
    [
      'another size under the old signatures',
      () => ({ checkpoint: replaceLine(1, checkpointText(checkpoint({ size: 9 }))) }),
      ['inclusion E_INCLUSION', 'quorum E_NOTE_SIGNATURE'],
    ],
    [
      'another network',
      () => ({ trust: makeNetwork(4, {}, 'other').trust }),
      ['quorum E_LOG_SIGNATURE', 'agreement E_ATTESTATION_SIGNER'],
    ],
    [
      'another genesis with the same keys',
      () => ({ trust: makeNetwork(4, { created: 1 }).trust }),
      ['agreement E_ATTESTATION'],
    ],
    [
      'another set hash in the pinned trust',
      () => ({
        trust: { ...evidence.trust, current: { ...evidence.trust.current, setHash: new Uint8Array(32) } },
      }),
      ['quorum E_TRUST', 'agreement E_TRUST'],
    ],
    [
      'genesis bytes that are no genesis',
      () => ({ trust: { ...evidence.trust, genesisBytes: entryBytes() } }),
      ['quorum E_GENESIS', 'agreement E_GENESIS'],
    ],
    [
      'attestations of another record',
      async () => ({ agreement: (await log.evidence('pkg:npm/a@1.0.0')).agreement ?? file }),
      ['agreement E_AGREEMENT_DIGEST'],
    ],
    ['an attestation left out', () => ({ agreement: fewerAttestations() }), ['agreement E_AGREEMENT_DIGEST']],
    [
      'a history that forks before the tip',
      async () => ({ previous: await forkedHead(4) }),
      ['history E_CONSISTENCY'],
    ],
    [
      'a history that forks at the tip',
      async () => ({ previous: await forkedHead(8) }),
      ['history E_CONSISTENCY'],
    ],
    ['the record asked for', () => ({ purl: 'pkg:npm/clsx@2.1.2' }), ['record E_RECORD_OTHER_PACKAGE']],
    [
      'the file asked for',
      () => ({ artifact: { name: 'x.tgz', content: bytesContent(file) } }),
      ['record E_RECORD_NO_ARTIFACT'],
    ],
  ])('%s: mismatch, each failing rung for its own reason', async (_, change, expected) => {
    const verification = await check(await change());
    expect(verification.verdict).toBe('mismatch');
    expect(failsOf(verification)).toEqual(expected);
  });

  it('any byte of the entry: mismatch, out of the log at least', { timeout: 30_000 }, async () => {
    const bytes = entryBytes();
    for (let position = 0; position < bytes.length; position++) {
      const entry = { index: 4, bytes: bytes.with(position, (bytes[position] ?? 0) ^ 1) };
      const verification = await check({ entry, artifact: fileOf({ kind: 'absent' }) });
      expect(verification.verdict, `byte ${position}`).toBe('mismatch');
      expect(statesOf(verification, 'fail')).toContain('inclusion');
    }
  });

  it('two quorum checkpoints in conflict: mismatch, and the double signers are named', async () => {
    const root = leafHash(new Uint8Array());
    const conflict = {
      checkpoint: log.checkpoint({ root, cosigners: [1, 2, 3] }),
      root: log.log.root(),
      consistency: [],
    };
    const verification = await check({ conflicts: [conflict] });
    expect(failsOf(verification)).toEqual(['history E_HISTORY_CONFLICT']);
    expect(verification.rungs[5]?.error?.fields['names']).toContain('assay.test/log/borneo');
    expect(verification.rungs[5]?.error?.fields['names']).not.toContain('ayla');
  });

  it('a conflict that is none changes nothing', async () => {
    const same = { checkpoint: log.checkpoint(), root: log.log.root(), consistency: [] };
    const minority = { ...same, checkpoint: log.checkpoint({ root: leafHash(file), cosigners: [0, 1] }) };
    const unfounded = { ...same, root: leafHash(file) };
    expect((await check({ conflicts: [same, minority, unfounded] })).verdict).toBe('verified');
  });
});

describe('a record that a dishonest quorum put into the log', () => {
  const network = makeNetwork();
  const proposal = makeProposal(purl, file);
  const envelopes = [0, 1, 2, 3].map((authority) => attest(network, authority, proposal));
  const [a = file, b = file, c = file, d = file] = envelopes;
  const forged = attest(network, 0, proposal, withBuildKeyOf(1, network.trust));

  it.each<[string, Uint8Array[], Uint8Array[], number, string]>([
    ['q−1 attestations', [a, b], [], 0b0011, 'E_AGREEMENT_QUORUM'],
    ['one authority counted twice', [a, b, b], [], 0b0111, 'E_AGREEMENT_DUPLICATE'],
    ['other builders than those who attest', [a, b, c], [], 0b1011, 'E_AGREEMENT_BUILDERS'],
    ['more builders than those who attest', [a, b, c], [], 0b1111, 'E_AGREEMENT_BUILDERS'],
    [
      'a failure counted as agreement',
      [a, b, attestFailure(network, 2, purl)],
      [],
      0b0111,
      'E_AGREEMENT_OUTCOME',
    ],
    ['agreement filed as dissent', [a, b, c], [d], 0b0111, 'E_AGREEMENT_OUTCOME'],
    ['a signature that does not match', [withOtherSignature(a), b, c], [], 0b0111, 'E_SIGNATURE'],
    ['another authority’s signature', [forged, c, d], [], 0b1110, 'E_ATTESTATION'],
  ])('with %s: mismatch on the agreement rung alone', async (_, agree, dissent, builders, code) => {
    const bundle = evidenceBundle(agree, dissent);
    const agreed = { epoch: 1, builders: Uint8Array.of(builders), evidence: sha256(bundle) };
    const bad = await TestLog.of([], network);
    const shown = await bad.addRecord(recordOf(proposal, agreed), bundle);
    const verification = await verify({ ...shown, artifact: fileOf(bytesContent(file)) }, ports);
    expect(verification.verdict).toBe('mismatch');
    expect(failsOf(verification)).toEqual([`agreement ${code}`]);
  });
});

/** The trust as authority 0 would have it who signs with the build key of another. */
function withBuildKeyOf(other: number, trust: NetworkTrust): NetworkTrust {
  const { authorities } = trust.current;
  const buildKey = authorities[other]?.buildKey ?? new Uint8Array();
  const changed = authorities.map((authority, index) =>
    index === 0 ? { ...authority, buildKey } : authority,
  );
  return { ...trust, current: { ...trust.current, authorities: changed } };
}

function content(bytes: Uint8Array): Partial<Evidence> {
  return { artifact: fileOf(bytesContent(bytes)) };
}

function checkpoint(options: Parameters<TestLog['checkpoint']>[0]): { checkpoint: Uint8Array } {
  return { checkpoint: log.checkpoint(options) };
}

function checkpointText({ checkpoint: note }: { checkpoint: Uint8Array }): string[] {
  return new TextDecoder().decode(note).split('\n');
}

/** The evidence's own note with line `line` taken from another one. */
function replaceLine(line: number, other: readonly string[]): Uint8Array {
  const lines = checkpointText({ checkpoint: log.checkpoint() });
  return new TextEncoder().encode(lines.with(line, other[line] ?? '').join('\n'));
}

function entryBytes(): Uint8Array {
  return evidence.entry?.bytes ?? new Uint8Array();
}

function flip(hash: Uint8Array): Uint8Array {
  return hash.with(0, (hash[0] ?? 0) ^ 1);
}

function fewerAttestations(): Uint8Array {
  const { agree } = unwrap(decodeEvidenceBundle(evidence.agreement ?? new Uint8Array()));
  return evidenceBundle(agree.slice(0, 2), []);
}

/** An envelope with the first character of its signature exchanged. */
function withOtherSignature(envelope: Uint8Array): Uint8Array {
  const json = new TextDecoder().decode(envelope);
  const changed = json.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`);
  return new TextEncoder().encode(changed);
}

/** A tree head that a client could have seen of another log of the same authorities. */
async function forkedHead(size: number) {
  const fork = await TestLog.of([
    { purl: 'pkg:npm/forked@1.0.0', content: someFile('fork', 10) },
    { purl, content: file },
    { purl: 'pkg:npm/b@1.0.0', content: someFile('b', 10) },
  ]);
  const { consistency } = await log.previous(size);
  return { size, root: unwrap(await fork.log.rootAt(size)), consistency };
}
