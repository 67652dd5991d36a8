import type { AuthorityRemoveRecord } from '@assay/core/records/types.ts';
import { authoritiesFixture, authorityRecordsFixture, epochFixture } from './authority-fixtures.ts';
import type { FakeNodeOptions } from './fake-node.ts';
import { authorityNames, fakeHex, fixtureNow } from './fixtures.ts';
import { membershipFixtures } from './membership-fixtures.ts';

const [equivocation, addition, removal] = membershipFixtures;
const removed: AuthorityRemoveRecord = {
  kind: 'authority-remove',
  v: 1,
  epoch: 2,
  name: 'Ayla',
  approvals: removal.approvals,
  evidence: removal.evidence,
};
const many = Array.from({ length: 100 }, (_, index) => `authority-${String(index + 1).padStart(3, '0')}`);
const lastSet = [
  'Borneo',
  'Cassini',
  'etna',
  'Fuji',
  'Gobi',
  'Hekla',
  'a-name-that-is-as-long-as-names-may-be',
];

const epochs = [
  epochFixture({ epoch: 1, members: authorityNames }),
  epochFixture({
    epoch: 2,
    since: 1200,
    time: fixtureNow - 3_000_000,
    members: [...authorityNames, 'etna'],
    added: ['etna'],
    renewed: ['Ayla', 'Borneo', 'Cassini'],
    signedBy: 3,
  }),
  epochFixture({
    epoch: 3,
    since: 4802,
    time: fixtureNow - 90_000,
    members: lastSet,
    added: lastSet.slice(3),
    removed: ['Ayla', 'delft'],
    renewed: ['Borneo', 'Cassini', 'etna'],
    signedBy: 4,
  }),
];

/** States that the authorities can be in. */
export const authorityScenarios: Readonly<Record<string, FakeNodeOptions>> = {
  'one-stopped': { authorities: authoritiesFixture({ stopped: ['Delft'] }) },
  busy: { authorities: authoritiesFixture({ pending: 7, behind: { Cassini: 3 } }) },
  halted: { authorities: authoritiesFixture({ stopped: ['Ayla', 'Delft'], pending: 3 }) },
  'disk-full': {
    authorities: authoritiesFixture({
      halted: { Cassini: 'its log cannot be written: no space is left on the device' },
    }),
  },
  suspended: {
    authorities: authoritiesFixture(),
    authorityRecords: {
      ...authorityRecordsFixture(),
      changes: [{ index: 11_002, record: { ...equivocation, name: 'Delft' } }],
      suspended: ['Delft'],
    },
  },
  epochs: {
    authorities: authoritiesFixture({ names: lastSet, epoch: 3, history: epochs }),
    authorityRecords: {
      ...authorityRecordsFixture(),
      changes: [
        { index: 1190, record: addition },
        { index: 3000, record: { ...equivocation, epoch: 2 } },
        { index: 4798, record: removed },
      ],
    },
  },
  disagreements: {
    authorityRecords: {
      ...authorityRecordsFixture(),
      disagreements: {
        found: [
          {
            index: 10_233,
            purl: 'pkg:npm/%40noble/hashes@2.3.0',
            time: fixtureNow - 40,
            outcomes: [
              { name: 'Ayla', outcome: 'agreed' },
              { name: 'Borneo', outcome: 'agreed' },
              { name: 'Cassini', outcome: 'agreed' },
              { name: 'Delft', outcome: 'dissented', detail: `hashes-2.3.0.tgz with SHA-256 ${fakeHex(8)}` },
            ],
          },
          {
            index: 10_226,
            purl: 'pkg:npm/lodash-es@4.17.21',
            time: fixtureNow - 90_000,
            outcomes: [
              { name: 'Ayla', outcome: 'agreed' },
              { name: 'Borneo', outcome: 'agreed' },
              { name: 'Cassini', outcome: 'agreed' },
              { name: 'Delft', outcome: 'failed', detail: 'The registry did not answer.' },
            ],
          },
        ],
        considered: 412,
        checked: 14,
        unread: 1,
        left: 3,
      },
    },
  },
  hundred: {
    authorities: authoritiesFixture({
      names: many,
      stopped: many.filter((_, index) => index % 9 === 4),
      behind: { 'authority-003': 12 },
    }),
  },
  'light-node': { status: { light: true } },
};
