import { beforeAll, describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { TestLog } from '../node/test-log.fixture.ts';
import { decodeRecord, encodeRecord } from '../records/codec.ts';
import { decodeHandoffLink, encodeHandoffLink } from '../records/handoff.ts';
import { trustFromGenesis } from '../records/network.ts';
import type { ArtifactAddRecord, EpochHandoffRecord, NetworkTrust } from '../records/types.ts';
import { formatEvidenceFile, parseEvidenceFile } from './evidence-file.ts';
import { bytesContent, failsOf, fileOf } from './evidence.fixture.ts';
import { ports } from './ports.fixture.ts';
import type { Evidence, Verification } from './types.ts';
import { verify } from './verify.ts';

const [EARLY, LATE] = ['pkg:npm/early@1.0.0', 'pkg:npm/late@1.0.0'] as const;
const file = utf8('a file');

let log: TestLog;
let early: Evidence;
let late: Evidence;

beforeAll(async () => {
  log = await TestLog.create();
  const first = await log.addPackage(EARLY, file);
  await log.changeAuthorities({ remove: ['ayla'], add: [] });
  await log.changeAuthorities({ add: ['etna'] });
  const second = await log.addPackage(LATE, file);
  early = await evidenceOf(first, 2);
  late = await evidenceOf(second, log.size - 2);
});

async function evidenceOf({ purl, provenance }: ArtifactAddRecord, index: number): Promise<Evidence> {
  const tree = unwrap(await TiledLog.open(log.store, log.size));
  const agreement = await log.store.read(`evidence/${toHex(provenance.evidence)}`);
  return {
    trust: log.trust,
    purl,
    entry: { index, bytes: unwrap(await tree.entry(index)) },
    inclusion: unwrap(await tree.inclusionProof(index, log.size)),
    checkpoint: await log.note(),
    agreement: agreement ?? new Uint8Array(),
    artifact: fileOf(bytesContent(file)),
  };
}

describe('a log whose authorities changed', () => {
  it('verifies a record of every epoch under one checkpoint of the newest', async () => {
    for (const evidence of [early, late]) {
      const verification = await verify(evidence, ports);
      expect(failsOf(verification)).toEqual([]);
      expect(verification.verdict).toBe('verified');
    }
  });

  it('verifies from an evidence file alone, by the hand-offs in it', async () => {
    for (const evidence of [early, late]) {
      const parsed = unwrap(parseEvidenceFile(formatEvidenceFile(evidence, { exportedAt: 0 })));
      const verification = await verify({ ...parsed, artifact: fileOf(bytesContent(file)) }, ports);
      expect([verification.verdict, failsOf(verification)]).toEqual(['verified', []]);
    }
  });

  it('believes no evidence file whose hand-offs are forged or left out', async () => {
    const json = JSON.parse(formatEvidenceFile(late, { exportedAt: 0 })) as {
      network: { handoffs: string[] };
    };
    const [first = '', second = ''] = json.network.handoffs;
    const cut = unwrap(
      parseEvidenceFile(JSON.stringify({ ...json, network: { ...json.network, handoffs: [first] } })),
    );
    expect(failsOf(await verify(cut, ports))).toContain('quorum E_QUORUM');
    const link = unwrap(decodeHandoffLink(unwrap(fromBase64(second))));
    const record = unwrap(decodeRecord(link.handoff)) as EpochHandoffRecord;
    const cosignatures = record.cosignatures.map((one) => ({
      ...one,
      signature: new Uint8Array(64).fill(7),
    }));
    const handoff = encodeRecord({ ...record, cosignatures });
    const forged = { ...json.network, handoffs: [first, toBase64(encodeHandoffLink({ ...link, handoff }))] };
    const parsed = unwrap(parseEvidenceFile(JSON.stringify({ ...json, network: forged })));
    expect(failsOf(await verify(parsed, ports))).toContain('quorum E_SIGNATURE');
  });

  it('names the builders by the set of the record, not by the newest', async () => {
    const names = (verification: Verification) => verification.builders?.map(({ name }) => name);
    expect(names(await verify(early, ports))).toEqual(['ayla', 'borneo', 'cassini', 'delft']);
    expect(names(await verify(late, ports))).toEqual(['borneo', 'cassini', 'delft', 'etna']);
  });

  it('trusts nobody by a hand-off that was not followed', async () => {
    const trust = unwrap(trustFromGenesis(log.trust.genesisBytes));
    const verification = await verify({ ...late, trust }, ports);
    expect(verification.verdict).toBe('mismatch');
    expect(failsOf(verification)).toContain('quorum E_QUORUM');
  });

  it('does not take the sets on the word of the caller', async () => {
    const trust: NetworkTrust = { ...log.trust, links: [] };
    expect(failsOf(await verify({ ...late, trust }, ports))).toEqual(['quorum E_TRUST', 'agreement E_TRUST']);
  });

  it('is not spoken for by those who left', async () => {
    const old = unwrap(trustFromGenesis(log.trust.genesisBytes));
    const byOldSet = await log.note({ set: old.current });
    const verification = await verify({ ...early, checkpoint: byOldSet }, ports);
    expect(failsOf(verification)).toEqual(['quorum E_LOG_SIGNATURE']);
  });
});
