import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClock } from '@assay/core/clock.ts';
import { toHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { answerLookup } from '@assay/core/lookup/answer.ts';
import { LookupLog } from '@assay/core/lookup/lookup.fixture.ts';
import { clsx, threePackages } from '@assay/core/verify/evidence.fixture.ts';
import { formatEvidenceFile } from '@assay/core/verify/evidence-file.ts';
import type { OptionValues } from '../command.ts';
import { verifyCommand } from './verify.ts';

let folder: string;
let network: string;
let genesis: Uint8Array;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-verify-'));
  const { evidence } = await threePackages();
  network = toHex(evidence.trust.networkId);
  genesis = evidence.trust.genesisBytes;
  await writeFile(join(folder, 'evidence.json'), formatEvidenceFile(evidence, { exportedAt: 0 }));
  await writeFile(join(folder, clsx.name), clsx.file);
  await writeFile(join(folder, 'genesis.cbor'), genesis);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(options: OptionValues): Promise<{ code: number; data: unknown; text: string }> {
  const results: { data: unknown; text: string }[] = [];
  const code = await verifyCommand.run({
    operands: [join(folder, clsx.name)],
    options: { evidence: join(folder, 'evidence.json'), ...options },
    output: {
      json: false,
      result: (data, text) => void results.push({ data, text }),
      progress: () => undefined,
      error: () => undefined,
    },
    clock: createClock(globalThis),
    signal: new AbortController().signal,
  });
  return { code, data: results[0]?.data, text: results[0]?.text ?? '' };
}

it('says plainly when nothing but the evidence itself vouches for its network', async () => {
  const { code, data, text } = await run({});
  expect(code).toBe(0);
  expect(data).toMatchObject({ network: { id: network, knownFrom: 'evidence' } });
  expect(text).toContain(network);
  expect(text).toContain('Anybody can make a network');
});

it('holds the evidence against the network the reader names', async () => {
  const [byId, byData] = [await run({ network: network.toUpperCase() }), await run({ data: folder })];
  expect(byId.data).toMatchObject({ network: { knownFrom: 'option' } });
  expect(byData.data).toMatchObject({ network: { knownFrom: 'data' } });
  for (const { text } of [byId, byData]) expect(text).not.toContain('Anybody');
  await expect(run({ network: '0'.repeat(64) })).rejects.toMatchObject({ code: 'E_EVIDENCE_NETWORK' });
});

it('accepts evidence in which the map of packages proves that there is no record', async () => {
  const log = await LookupLog.of([['pkg:npm/other@1.0.0']]);
  const { head, steps, leaf, events } = unwrap(await answerLookup(log.view(), 'pkg:npm/absent@1.0.0'));
  if (head === undefined || leaf === undefined) throw new Error('a first answer about an absent package');
  const { checkpoint, state, edge } = head;
  const { trust } = log.network;
  const evidence = {
    trust,
    purl: 'pkg:npm/absent@1.0.0',
    checkpoint,
    lookup: { state, edge, steps, leaf, events },
  };
  const path = join(folder, 'absent.json');
  await writeFile(path, formatEvidenceFile(evidence, { exportedAt: 0 }));
  const { code, text } = await run({ evidence: path });
  expect(code).toBe(4);
  expect(text).toContain('Proven by the map of packages');
});

it('says that a file can be found by its bytes only in the full log', async () => {
  const asked = verifyCommand.run({
    operands: [join(folder, clsx.name)],
    options: { light: true },
    output: { json: false, result: () => undefined, progress: () => undefined, error: () => undefined },
    clock: createClock(globalThis),
    signal: new AbortController().signal,
  });
  await expect(asked).rejects.toMatchObject({ code: 'E_USAGE' });
});
