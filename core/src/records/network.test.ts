import { describe, expect, it } from 'vitest';
import { sha256 } from '../crypto/sha256.ts';
import { toHex } from '../encoding/hex.ts';
import { unwrap } from '../errors/result.ts';
import { toTlogPolicy } from '../log/policy.ts';
import { decodeRecord, encodeRecord } from './codec.ts';
import { makeNetwork } from './network.fixture.ts';
import { genesisBatch, networkId, trustFromGenesis } from './network.ts';

const { trust } = makeNetwork();

describe('trust in a network', () => {
  it('follows from the genesis bytes alone', () => {
    expect(unwrap(trustFromGenesis(trust.genesisBytes))).toEqual(trust);
    expect(toHex(networkId(trust.genesisBytes))).toBe(toHex(sha256(trust.genesisBytes)));
  });

  it('names cosigners under the origin, log keys like the origin, and a quorum of 3 of 4', () => {
    expect(trust.current.policy.cosigners.map(({ name }) => name)).toEqual([
      'assay.test/log/ayla',
      'assay.test/log/borneo',
      'assay.test/log/cassini',
      'assay.test/log/delft',
    ]);
    expect(trust.current.policy.logKeys.every(({ name }) => name === 'assay.test/log')).toBe(true);
    expect(trust.current.policy.quorum).toBe(3);
    expect(toTlogPolicy(trust.current.policy)).toContain('quorum ');
  });

  it('ties the set hash to authorities and limits, not to origin or date', () => {
    expect(makeNetwork(4, { origin: 'assay.test/b', created: 7 }).trust.current.setHash).toEqual(
      trust.current.setHash,
    );
    expect(makeNetwork(4, { limits: { maxArtifactBytes: 1 } }).trust.current.setHash).not.toEqual(
      trust.current.setHash,
    );
    expect(makeNetwork(5).trust.current.setHash).not.toEqual(trust.current.setHash);
  });

  it('is not given by another kind of record, or by an origin that would break signature lines', () => {
    const [, state] = genesisBatch(trust);
    const refused = trustFromGenesis(state);
    expect(refused.ok ? undefined : refused.error.code).toBe('E_GENESIS');
    for (const origin of ['a b', 'a+b', 'Ä', '', 'a\nb']) {
      expect(decodeRecord(encodeRecord({ ...trust.genesis, origin })).ok, origin).toBe(false);
    }
  });
});
