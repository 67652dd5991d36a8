// What a client finds out by itself about the authorities: from hand-offs, and from the log it has replayed.
import { beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../clock.ts';
import { createBreathe } from '../breath.ts';
import { sha256 } from '../crypto/sha256.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { TiledLog } from '../log/tiled-log.ts';
import { Catalogue } from '../node/catalogue.ts';
import { network, TestLog, verifySignature } from '../node/test-log.fixture.ts';
import { verifyEd25519 } from '../crypto/ed25519.ts';
import { checkAdd } from '../records/check-transaction.ts';
import { decodeRecord } from '../records/codec.ts';
import { attest, makeProposal, makeTransaction } from '../records/network.fixture.ts';
import type { EquivocationRecord } from '../records/types.ts';
import { DisagreementSearch } from './disagreements.ts';
import { membershipHistory } from './history.ts';
import { MembershipScan, suspendedMembers } from './membership-scan.ts';

const clock = createClock(globalThis);
const [first, second, , fourth] = network.trust.current.authorities.map(({ name }) => name);

function equivocation(name: string | undefined, epoch: number): EquivocationRecord {
  const evidence = sha256(utf8(`${name} ${epoch}`));
  return { kind: 'equivocation', v: 1, epoch, name: name ?? '', offence: 'two-finalise', evidence };
}

const open = async (log: TestLog): Promise<TiledLog> => unwrap(await TiledLog.open(log.store, log.size));

describe('membership', () => {
  let log: TestLog;

  beforeAll(async () => {
    log = await TestLog.create();
    await log.addVersions(['pkg:npm/a@1.0.0']);
    await log.changeAuthorities({ add: ['etna'] });
    await log.addRecords([equivocation(fourth, 2)]);
    await log.changeAuthorities({ add: ['fuji'], remove: [] });
    await log.addRecords([equivocation(second, 3)]);
  });

  it('is told epoch by epoch, from the hand-offs alone', () => {
    const [one, two, three] = membershipHistory(log.trust);
    expect(one).toMatchObject({ epoch: 1, since: 0, added: [], removed: [], quorum: 3 });
    expect(one?.time).toBe(log.trust.genesis.created);
    expect(two).toMatchObject({ epoch: 2, added: ['etna'], removed: [], quorum: 4, signedBy: 3 });
    expect(two?.renewed).toEqual(one?.members);
    expect(three).toMatchObject({ epoch: 3, added: ['fuji'], removed: [fourth], signedBy: 4 });
  });

  it('names the log size at which each epoch begins, where its hand-off is', async () => {
    const tiled = await open(log);
    for (const { epoch, since } of membershipHistory(log.trust).slice(1)) {
      const record = unwrap(decodeRecord(unwrap(await tiled.entry(since))));
      expect(record).toMatchObject({ kind: 'epoch-handoff', epoch });
    }
  });

  it('is found in the replayed log, entry by entry, and again when the log grows', async () => {
    const scan = new MembershipScan();
    const breathe = createBreathe(clock);
    const kinds = async () => (await scan.of(await open(log), breathe)).map(({ record }) => record.kind);
    const found = ['authority-add', 'equivocation', 'authority-add', 'equivocation'];
    expect(await kinds()).toEqual(found);
    await log.addRecords([equivocation('etna', 3)]);
    expect(await kinds()).toEqual([...found, 'equivocation']);
  });

  it('looks only at what is new', async () => {
    const scan = new MembershipScan();
    const tiled = await open(log);
    await scan.of(tiled, createBreathe(clock));
    let looks = 0;
    await scan.of(tiled, async () => void looks++);
    expect(looks).toBe(0);
  });

  it('is suspended for who equivocated since joining, and only for members', async () => {
    const changes = await new MembershipScan().of(await open(log), createBreathe(clock));
    expect(suspendedMembers(log.trust, changes)).toEqual([second, 'etna']);
  });
});

describe('disagreements', () => {
  const trust = network.trust;

  /** A catalogue of versions on which these agree and those saw other bytes, and the bundles behind them. */
  async function catalogueOf(log: TestLog, votes: readonly { agree: number[]; dissent: number[] }[]) {
    const catalogue = new Catalogue();
    const bundles = new Map<string, Uint8Array>();
    for (const [number, { agree, dissent }] of votes.entries()) {
      const proposal = makeProposal(`pkg:npm/p${number}@1.0.0`, utf8(`content ${number}`));
      const other = makeProposal(proposal.purl, utf8(`other content ${number}`));
      const against = dissent.map((authority) => attest(network, authority, other, trust));
      const transaction = makeTransaction(network, proposal, agree, against, trust);
      const { records, evidence } = unwrap(
        checkAdd(transaction, { trust, set: trust.current }, verifyEd25519),
      );
      const [record] = records;
      bundles.set(toHex(sha256(evidence)), evidence);
      const index = log.size;
      await log.addRecords([record]);
      const state = unwrap(decodeRecord(unwrap(await (await open(log)).entry(index + 1))));
      catalogue.add([
        { index, record },
        { index: index + 1, record: state },
      ]);
    }
    return { catalogue, bundles };
  }

  async function searched(votes: readonly { agree: number[]; dissent: number[] }[], lost = false) {
    const log = await TestLog.create();
    const { catalogue, bundles } = await catalogueOf(log, votes);
    const asked: string[] = [];
    const source = {
      id: 'source',
      checkpoint: () => Promise.reject(new Error('none')),
      read: (path: string) => {
        asked.push(path);
        const bundle = bundles.get(path.replace('evidence/', ''));
        return bundle === undefined || lost ? Promise.reject(new Error('gone')) : Promise.resolve(bundle);
      },
    };
    const search = new DisagreementSearch({
      store: (await TestLog.create()).store,
      sources: () => [source],
      clock,
      verifySignature,
    });
    return { search, catalogue, asked };
  }

  it('are found by the attestations behind records that do not name everybody', async () => {
    const { search, catalogue, asked } = await searched([
      { agree: [0, 1, 2, 3], dissent: [] },
      { agree: [0, 1, 2], dissent: [3] },
      { agree: [0, 1, 3], dissent: [] },
    ]);
    const answer = await search.among(catalogue, trust);
    expect(answer).toMatchObject({ considered: 3, checked: 2, unread: 0, left: 0 });
    expect(answer.found.map(({ purl }) => purl)).toEqual(['pkg:npm/p1@1.0.0']);
    const outcomes = answer.found[0]?.outcomes.map(({ name, outcome }) => [name, outcome]);
    expect(outcomes).toContainEqual([fourth, 'dissented']);
    expect(outcomes).toContainEqual([first, 'agreed']);
    expect(asked).toHaveLength(2);
    await search.among(catalogue, trust);
    expect(asked).toHaveLength(2);
  });

  it('are not claimed, nor denied, where the attestations cannot be had', async () => {
    const { search, catalogue } = await searched([{ agree: [0, 1, 2], dissent: [3] }], true);
    expect(await search.among(catalogue, trust)).toMatchObject({ found: [], checked: 0, unread: 1 });
  });

  it('are looked for in so many records at most, the newest', async () => {
    const votes = Array.from({ length: 27 }, () => ({ agree: [0, 1, 2], dissent: [] }));
    const { search, catalogue, asked } = await searched(votes);
    expect(await search.among(catalogue, trust)).toMatchObject({ considered: 27, checked: 25, left: 2 });
    expect(asked).toHaveLength(25);
  });
});
