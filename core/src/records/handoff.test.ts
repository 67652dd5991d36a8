import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../encoding/bytes.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { TestLog, verifySignature } from '../node/test-log.fixture.ts';
import { mutatedBytes } from '../testing/mutated-bytes.fixture.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { decodeHandoffLink, encodeHandoffLink, handoffPath, judgeLink, type HandoffLink } from './handoff.ts';
import { makeNetwork } from './network.fixture.ts';
import { setForSize, setOfEpoch, trustFromGenesis } from './network.ts';
import { extendTrust, trustFromLinks } from './trust-chain.ts';
import type { EpochHandoffRecord, NetworkTrust } from './types.ts';

let log: TestLog;
let genesis: NetworkTrust;
let first: HandoffLink;
let second: HandoffLink;

beforeAll(async () => {
  log = await TestLog.create(makeNetwork());
  genesis = log.trust;
  first = await log.changeAuthorities({ add: ['etna'] });
  await log.addVersions(['pkg:npm/a@1.0.0']);
  second = await log.changeAuthorities({ remove: ['ayla'] });
});

function handoffOf({ handoff }: HandoffLink): EpochHandoffRecord {
  const record = unwrap(decodeRecord(handoff));
  if (record.kind !== 'epoch-handoff') throw new Error(`a ${record.kind} record`);
  return record;
}

/** The first link with another hand-off record. */
function withRecord(changes: Partial<EpochHandoffRecord>): HandoffLink {
  return { ...first, handoff: encodeRecord({ ...handoffOf(first), ...changes }) };
}

function extended(link: HandoffLink, trust = genesis): Promise<Result<NetworkTrust>> {
  return extendTrust(trust, link, verifySignature);
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

describe('a chain of hand-offs', () => {
  it('leads from genesis to the newest authorities without the log in between', async () => {
    const trust = unwrap(await trustFromLinks(genesis.genesisBytes, [first, second], verifySignature));
    expect(trust).toEqual(log.trust);
    expect(trust.current.authorities.map(({ name }) => name)).toEqual(['borneo', 'cassini', 'delft', 'etna']);
    expect(setOfEpoch(trust, 2)?.authorities).toHaveLength(5);
    expect([setOfEpoch(trust, 0), setOfEpoch(trust, 4)]).toEqual([undefined, undefined]);
  });

  it('gives fresh vote and cosign keys to those who stay', () => {
    const keys = (trust: NetworkTrust, job: 'voteKey' | 'cosignKey' | 'buildKey') =>
      trust.current.authorities.find(({ name }) => name === 'borneo')?.[job];
    expect(keys(log.trust, 'voteKey')).not.toEqual(keys(genesis, 'voteKey'));
    expect(keys(log.trust, 'cosignKey')).not.toEqual(keys(genesis, 'cosignKey'));
    expect(keys(log.trust, 'buildKey')).toEqual(keys(genesis, 'buildKey'));
  });

  it('says which set signs a log of each size: an epoch signs the tree it ends with', () => {
    const [one, two, three] = log.trust.sets.map(({ since }) => since);
    expect(one).toBe(0);
    for (const [size, epoch] of [
      [2, 1],
      [two ?? 0, 1],
      [(two ?? 0) + 1, 2],
      [three ?? 0, 2],
      [(three ?? 0) + 1, 3],
      [1e9, 3],
    ] as const) {
      expect(setForSize(log.trust, size).epoch, `size ${size}`).toBe(epoch);
    }
  });

  it('takes less than 2 kB a link for five authorities', () => {
    expect(encodeHandoffLink(first).length).toBeLessThan(2000);
  });
});

describe('a hand-off link', () => {
  it('reads back as it was written, and lives at its epoch', () => {
    expect(unwrap(decodeHandoffLink(encodeHandoffLink(first)))).toEqual(first);
    expect(handoffPath(2)).toBe('handoff/2');
  });

  it('does not count out of its turn', async () => {
    expect(codeOf(await extended(second))).toBe('E_HANDOFF');
    expect(codeOf(await extended(first, unwrap(await extended(first))))).toBe('E_HANDOFF');
  });

  it('does not count in another network', async () => {
    const stranger = makeNetwork(4, {}, 'other').trust;
    expect(codeOf(await extended(first, stranger))).toBe('E_SIGNATURE');
    const sibling = makeNetwork(4, { origin: 'assay.test/other' }).trust;
    expect(codeOf(await extended(first, sibling))).toBe('E_SIGNATURE');
  });

  it.each<[string, () => HandoffLink, string]>([
    [
      'one cosignature less',
      () => withRecord({ cosignatures: handoffOf(first).cosignatures.slice(1) }),
      'E_HANDOFF',
    ],
    [
      'a cosigner who is not in the set',
      () => {
        const [a, b, c] = handoffOf(first).cosignatures;
        if (a === undefined || b === undefined || c === undefined) throw new Error('a quorum is three');
        return withRecord({ cosignatures: [a, b, { ...c, authority: 4 }] });
      },
      'E_HANDOFF',
    ],
    [
      'a cosignature of another time',
      () => {
        const [a, ...rest] = handoffOf(first).cosignatures;
        if (a === undefined) throw new Error('a quorum is three');
        return withRecord({ cosignatures: [{ ...a, time: a.time + 1 }, ...rest] });
      },
      'E_SIGNATURE',
    ],
    [
      'one more authority',
      () =>
        withRecord({
          authorities: [
            ...handoffOf(first).authorities,
            ...makeNetwork(1, {}, 'evil').trust.current.authorities,
          ].map((one, index) => (index === 5 ? { ...one, name: 'evil' } : one)),
        }),
      'E_HANDOFF',
    ],
    ['another root', () => withRecord({ root: new Uint8Array(32) }), 'E_INCLUSION'],
    ['a larger tree', () => withRecord({ size: handoffOf(first).size + 1 }), 'E_INCLUSION'],
    ['another closing record', () => ({ ...first, state: second.state }), 'E_HANDOFF'],
    ['a closing record that is none', () => ({ ...first, state: first.handoff }), 'E_HANDOFF'],
    ['a hand-off that is none', () => ({ ...first, handoff: first.state }), 'E_HANDOFF'],
    ['no proof', () => ({ ...first, proof: [] }), 'E_INCLUSION'],
    ['bytes that are no record', () => ({ ...first, handoff: new Uint8Array(3) }), 'E_CBOR'],
  ])('with %s does not count', async (_, change, code) => {
    const result = await extended(change());
    if (code === 'E_CBOR') expect(result.ok).toBe(false);
    else expect(codeOf(result)).toBe(code);
  });

  it(
    'never throws while being read or judged, and what is read has one encoding',
    { timeout: 30_000 },
    () => {
      const bytes = encodeHandoffLink(first);
      fc.assert(
        fc.property(
          fc.oneof(fc.uint8Array({ maxLength: 200 }), mutatedBytes(fc.constant(bytes))),
          (mutated) => {
            const link = decodeHandoffLink(mutated);
            if (!link.ok) return;
            expect(equalBytes(encodeHandoffLink(link.value), mutated)).toBe(true);
            judgeLink(genesis.current, genesis.genesis.origin, link.value);
          },
        ),
        { numRuns: 1500 },
      );
    },
  );

  it('counts with no byte changed', { timeout: 60_000 }, async () => {
    const bytes = encodeHandoffLink(first);
    const origin = genesis.genesis.origin;
    for (let position = 0; position < bytes.length; position++) {
      const link = decodeHandoffLink(bytes.with(position, (bytes[position] ?? 0) ^ 1));
      if (!link.ok || !judgeLink(genesis.current, origin, link.value).ok) continue;
      expect(codeOf(await extended(link.value)), `byte ${position}`).toBe('E_SIGNATURE');
    }
  });
});

describe('the trust in a network', () => {
  it('starts with the authorities of genesis alone', () => {
    const trust = unwrap(trustFromGenesis(genesis.genesisBytes));
    expect(trust.sets).toEqual([trust.current]);
    expect(trust.links).toEqual([]);
  });
});
