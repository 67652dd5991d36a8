import { AssayError } from '@assay/core/errors/assay-error.ts';
import type { FetchProgress, FetchSource, RequestProgress } from '../lib/node/api.ts';
import { authoritiesFixture } from './authority-fixtures.ts';
import { authorityScenarios } from './authority-scenarios.ts';
import type { FakeNodeOptions } from './fake-node.ts';
import { authorityNames, fakeHex, fixtureNow } from './fixtures.ts';
import { networkFixture } from './network-fixtures.ts';
import { verificationFixture } from './verifications.ts';

const badBlock = new AssayError('E_SOURCE_BAD_BLOCK', { index: 7 });
const allFailed = new AssayError('E_ALL_SOURCES_FAILED', {
  name: 'clsx-2.1.1.tgz',
  reasons: '4 sent wrong blocks',
  count: 4,
});
const tooFewAgree = new AssayError('E_AGREEMENT_QUORUM', { agreed: 2, total: 4, need: 3 });
const upstreamDown = new AssayError('E_UPSTREAM_UNREACHABLE', { reason: 'no answer within 30 seconds' });

const sources: readonly FetchSource[] = [
  { id: 'a', label: 'relay-1', kind: 'mirror', blocks: 9, state: 'active' },
  { id: 'b', label: 'another tab', kind: 'peer', transport: 'WebRTC', blocks: 4, state: 'active' },
  { id: 'c', label: 'relay-2', kind: 'mirror', blocks: 2, state: 'idle' },
  { id: 'd', label: 'relay-3', kind: 'mirror', blocks: 0, state: 'dropped', reason: badBlock },
];

/** A download of 23 blocks, 15 of which are here. */
export const receiving: FetchProgress = {
  phase: 'receiving',
  received: 15,
  total: 23,
  bytes: 468_000,
  size: 731_204,
  bytesPerSecond: 41_000_000,
  sources,
};

const fetchFailed: FetchProgress = {
  ...receiving,
  phase: 'failed',
  sources: sources.map((source) => ({ ...source, state: 'dropped', reason: badBlock })),
  error: allFailed,
};

/** A request that the authorities are agreeing on. */
export const agreeing: RequestProgress = {
  id: fakeHex(1, 16),
  purl: 'pkg:npm/is-odd@3.0.1',
  state: 'agreeing',
  needed: 3,
  agreed: 2,
  authorities: [
    { name: 'Ayla', state: 'attested', digest: fakeHex(7) },
    { name: 'Borneo', state: 'attested', digest: fakeHex(7) },
    { name: 'Cassini', state: 'fetching' },
    { name: 'Delft', state: 'waiting' },
  ],
};

/** A request in which too few authorities saw the same. */
export const disagreed: RequestProgress = {
  ...agreeing,
  state: 'failed',
  error: tooFewAgree,
  authorities: [
    { name: 'Ayla', state: 'attested', digest: fakeHex(7) },
    { name: 'Borneo', state: 'attested', digest: fakeHex(7) },
    { name: 'Cassini', state: 'attested', digest: fakeHex(8) },
    { name: 'Delft', state: 'failed', error: upstreamDown },
  ],
};

/** A request that has been entered in the log. */
export const logged: RequestProgress = {
  ...agreeing,
  state: 'in-log',
  agreed: 4,
  index: 10_230,
  purl: 'pkg:npm/clsx@2.1.1',
  authorities: authorityNames.map((name) => ({ name, state: 'attested', digest: fakeHex(7) })),
};

const offline: FakeNodeOptions = {
  status: { phase: 'offline', freshAsOf: fixtureNow - 7200, peers: 0 },
  authorities: authoritiesFixture({ freshAsOf: fixtureNow - 7200, reported: false }),
  network: {
    ...networkFixture,
    peers: [],
    mirrors: networkFixture.mirrors.map((mirror) => ({ ...mirror, state: 'failing', detail: 'no answer' })),
  },
};

const empty: FakeNodeOptions = {
  ...offline,
  versions: [],
  status: { phase: 'synced', size: 2, target: 2, peers: 0 },
};

/** States of the node that pages are looked at and tested in; `starting` has no node at all. */
export const scenarios: Readonly<Record<string, FakeNodeOptions | undefined>> = {
  ...authorityScenarios,
  starting: undefined,
  synced: { unfinished: [{ purl: 'pkg:npm/clsx@2.1.1', artifact: 'clsx-2.1.1.tgz', received: 2, total: 5 }] },
  syncing: { status: { phase: 'syncing', size: 3200, target: 12_480 } },
  offline,
  empty,
  first: { ...empty, status: { phase: 'offline', size: 0, target: 0, peers: 0 } },
  broken: { failure: new AssayError('E_UNREACHABLE') },
  stale: {
    status: { freshAsOf: fixtureNow - 260_000 },
    authorities: authoritiesFixture({ freshAsOf: fixtureNow - 260_000 }),
    verify: (view) => verificationFixture(view, { verdict: 'verified-stale' }),
  },
  mismatch: {
    verify: (view) =>
      verificationFixture(view, {
        failed: ['bytes', 'agreement'],
        builders: [
          { name: 'Ayla', outcome: 'agreed' },
          { name: 'Borneo', outcome: 'agreed' },
          { name: 'Cassini', outcome: 'dissented', detail: 'saw another digest' },
          { name: 'Delft', outcome: 'failed', detail: 'the registry did not answer' },
        ],
      }),
  },
  receiving: { fetchSteps: [receiving], fetchEnds: false },
  'fetch-failed': { fetchSteps: [receiving, fetchFailed] },
  agreeing: { requestSteps: [agreeing] },
  disagreed: { requestSteps: [agreeing, disagreed] },
  logged: { requestSteps: [agreeing, logged] },
  conflict: {
    status: {
      conflict: {
        names: ['Ayla', 'Borneo'],
        first: 'assay.local\n12480\nAAAA',
        second: 'assay.local\n12480\nBBBB',
        common: 12_000,
      },
    },
  },
};
