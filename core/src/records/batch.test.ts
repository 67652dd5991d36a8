import { describe, expect, it } from 'vitest';
import { utf8 } from '../encoding/bytes.ts';
import { unwrap, type Result } from '../errors/result.ts';
import { LogState } from './batch.ts';
import { leafHash } from '../log/merkle.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { CREATED, makeNetwork, makeProposal } from './network.fixture.ts';
import { genesisBatch } from './network.ts';
import { PackageMap } from './package-map.ts';
import { recordOf } from './proposal.ts';
import type { ArtifactAddRecord, StateRecord } from './types.ts';

const network = makeNetwork();

function version(purl: string, builders = 0b0111): ArtifactAddRecord {
  const proposal = makeProposal(purl, utf8(purl));
  const agreed = { epoch: 1, builders: Uint8Array.of(builders), evidence: new Uint8Array(32) };
  return recordOf(proposal, agreed);
}

function add(purl: string, changes: Partial<ArtifactAddRecord> = {}, builders?: number): Uint8Array {
  return encodeRecord({ ...version(purl, builders), ...changes });
}

function started(): LogState {
  const state = new LogState(network.trust);
  unwrap(state.applyBatch(genesisBatch(network.trust)));
  return state;
}

function batchOf(
  state: LogState,
  purls: readonly string[],
  changes: Partial<StateRecord> = {},
): Uint8Array[] {
  const records = purls.map((purl) => version(purl));
  return [...records, { ...state.nextState(records, CREATED + 100), ...changes }].map(encodeRecord);
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

const [a, b] = ['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0'] as const;

describe('the state of a log', () => {
  it('starts with the genesis batch, size 2, height 0', () => {
    const state = started();
    expect([state.size, state.height, state.time, state.atBatchEnd]).toEqual([2, 0, CREATED, true]);
  });

  it('grows batch by batch and knows where each version is', () => {
    const state = started();
    unwrap(state.applyBatch(batchOf(state, [a, b])));
    expect([state.size, state.height, state.time]).toEqual([5, 1, CREATED + 100]);
    expect([state.indexOf(a), state.indexOf(b)]).toEqual([2, 3]);
    expect(state.hasPackageVersion('pkg:npm/a@1.0.1')).toBe(false);
  });

  it('says in each state record what the log says of each package', () => {
    const state = started();
    const batches = [[a, b], ['pkg:npm/a@1.0.1']].map((purls) => {
      const batch = batchOf(state, purls);
      unwrap(state.applyBatch(batch));
      return batch;
    });
    let packages = PackageMap.empty;
    for (const [index, entry] of [...genesisBatch(network.trust), ...batches.flat()].entries())
      packages = packages.add(unwrap(decodeRecord(entry)), index, leafHash(entry));
    expect(unwrap(decodeRecord(batches[1]?.[1] ?? new Uint8Array()))).toMatchObject({
      mapRoot: packages.root(),
    });
    expect(state.packages.root()).toEqual(packages.root());
    expect(state.packages.events({ type: 'npm', name: 'a' }).map(({ index }) => index)).toEqual([2, 5]);
  });

  it('comes to the same by entries as by batches', () => {
    const byBatch = started();
    const entries = batchOf(byBatch, [a, b]);
    const byEntry = new LogState(network.trust);
    for (const entry of [...genesisBatch(network.trust), ...entries]) unwrap(byEntry.applyEntry(entry));
    unwrap(byBatch.applyBatch(entries));
    expect([byEntry.size, byEntry.height, byEntry.indexOf(b)]).toEqual([5, 1, 3]);
    expect(byEntry.nextState([version(a)], 0)).toEqual(byBatch.nextState([version(a)], 0));
  });

  it('is left as it was by a batch that is refused', () => {
    const state = started();
    const entries = batchOf(state, [a, b]);
    const refused = state.applyBatch(entries.toSpliced(1, 0, add(a)));
    expect(codeOf(refused)).toBe('E_DUPLICATE_VERSION');
    expect([state.size, state.hasPackageVersion(a), state.atBatchEnd]).toEqual([2, false, true]);
    unwrap(state.applyBatch(batchOf(state, [a, b])));
  });

  it('goes its own way in a clone', () => {
    const state = started();
    const clone = state.clone();
    unwrap(clone.applyBatch(batchOf(clone, [a])));
    expect([state.size, state.hasPackageVersion(a)]).toEqual([2, false]);
    expect([clone.size, clone.hasPackageVersion(a)]).toEqual([4, true]);
  });

  it('never sets the time back when it writes a state record', () => {
    const state = started();
    expect(state.nextState([version(a)], CREATED - 5).time).toBe(CREATED);
  });
});

describe('a log is refused', () => {
  it('when it begins with another genesis', () => {
    const other = makeNetwork(4, {}, 'other');
    const state = new LogState(network.trust);
    expect(codeOf(state.applyBatch(genesisBatch(other.trust)))).toBe('E_BATCH_GENESIS');
  });

  it('when it begins with anything but genesis, or has a second one', () => {
    expect(codeOf(new LogState(network.trust).applyEntry(add(a)))).toBe('E_BATCH_FORM');
    expect(codeOf(started().applyEntry(network.trust.genesisBytes))).toBe('E_BATCH_FORM');
  });

  it('when a version comes a second time, batches later', () => {
    const state = started();
    unwrap(state.applyBatch(batchOf(state, [a])));
    const again = state.applyBatch(batchOf(state, [a]));
    expect(again).toMatchObject({
      ok: false,
      error: { code: 'E_DUPLICATE_VERSION', fields: { purl: a, index: 2 } },
    });
  });

  it.each<[string, Partial<StateRecord>]>([
    ['height', { height: 2 }],
    ['epoch', { epoch: 2 }],
    ['time before the last', { time: CREATED - 1 }],
    ['prevSize', { prevSize: 1 }],
    ['recordCount', { recordCount: 2 }],
    ['mapRoot', { mapRoot: new Uint8Array(32).fill(1) }],
    ['mapRoot, as if it spoke of no package', { mapRoot: new Uint8Array(32) }],
    ['setHash', { setHash: new Uint8Array(32) }],
  ])('when its state record has a wrong %s', (_, changes) => {
    const state = started();
    expect(codeOf(state.applyBatch(batchOf(state, [a], changes)))).toBe('E_BATCH_STATE');
    expect(state.size).toBe(2);
  });

  it('when the map root it ends with is wrong, also by a replay that looks at no other', () => {
    for (const mapRoot of [new Uint8Array(32), new Uint8Array(32).fill(1)]) {
      const state = started();
      const wrong = batchOf(state, [a], { mapRoot });
      for (const entry of wrong) unwrap(state.applyEntry(entry, { looksAtMap: false }));
      expect(state.checkMapRoot()).toMatchObject({ error: { code: 'E_BATCH_STATE', fields: { index: 3 } } });
      unwrap(state.applyBatch(batchOf(state, [b])));
      unwrap(state.checkMapRoot());
      unwrap(state.applyEntry(add('pkg:npm/c@1.0.0')));
      expect(codeOf(state.checkMapRoot())).toBe('E_BATCH_FORM');
    }
  });

  it('when a batch has no records, no state record, or goes on after it', () => {
    const state = started();
    const stateOnly = [encodeRecord(state.nextState([version(a)], CREATED))];
    expect(codeOf(state.applyBatch(stateOnly))).toBe('E_BATCH_FORM');
    expect(codeOf(state.applyBatch([add(a)]))).toBe('E_BATCH_FORM');
    expect(codeOf(state.applyBatch([]))).toBe('E_BATCH_FORM');
    expect(codeOf(state.applyBatch([...batchOf(state, [a]), add(b)]))).toBe('E_BATCH_FORM');
    expect(state.size).toBe(2);
  });

  it('when a record has too few builders or names some that do not exist', () => {
    expect(codeOf(started().applyEntry(add(a, {}, 0b0011)))).toBe('E_AGREEMENT_QUORUM');
    expect(codeOf(started().applyEntry(add(a, {}, 0b10111)))).toBe('E_BATCH_FORM');
  });

  it('when a record is of another epoch or its file larger than the network allows', () => {
    expect(codeOf(started().applyEntry(add(a, { epoch: 2 })))).toBe('E_BATCH_FORM');
    const small = makeNetwork(4, { limits: { maxArtifactBytes: 3 } });
    const state = new LogState(small.trust);
    unwrap(state.applyBatch(genesisBatch(small.trust)));
    expect(codeOf(state.applyEntry(add(a)))).toBe('E_BATCH_FORM');
  });
});
