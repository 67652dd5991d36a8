import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { TestLog } from '../node/test-log.fixture.ts';
import { trustFromGenesis } from '../records/network.ts';
import type { ArtifactAddRecord, NetworkTrust } from '../records/types.ts';
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
