import type {
  AuthorityIdentity,
  EpochHandoffRecord,
  EquivocationRecord,
  MembershipRecord,
} from '@assay/core/records/types.ts';
import { fakeDigest, fixtureNow, genesisFixture } from './fixtures.ts';

const approvals = Uint8Array.of(0b0111);

const newcomer: AuthorityIdentity = {
  name: 'etna',
  voteKey: fakeDigest(61),
  cosignKey: fakeDigest(62),
  logKey: fakeDigest(63),
  buildKey: fakeDigest(64),
  peerKey: fakeDigest(65),
};

/** One record of each kind that is about the authorities themselves. */
export const membershipFixtures: readonly [
  EquivocationRecord,
  MembershipRecord,
  MembershipRecord,
  EpochHandoffRecord,
] = [
  { kind: 'equivocation', v: 1, epoch: 1, name: 'delft', offence: 'two-finalise', evidence: fakeDigest(70) },
  {
    kind: 'authority-add',
    v: 1,
    epoch: 1,
    authority: newcomer,
    addresses: ['/dns4/etna.example/tcp/443/wss'],
    approvals,
    evidence: fakeDigest(71),
  },
  { kind: 'authority-remove', v: 1, epoch: 1, name: 'ayla', approvals, evidence: fakeDigest(71) },
  {
    kind: 'epoch-handoff',
    v: 1,
    epoch: 2,
    size: 1200,
    root: fakeDigest(72),
    cosignatures: [0, 1, 3].map((authority) => ({
      authority,
      time: fixtureNow - 90,
      signature: fakeDigest(80 + authority, 64),
    })),
    authorities: [...genesisFixture.authorities.slice(1, 3), newcomer],
  },
];
