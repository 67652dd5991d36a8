import type { EpochFacts } from '@assay/core/authorities/history.ts';
import type { AuthorityReport } from '@assay/core/authorities/report.ts';
import { faultTolerance, quorum } from '@assay/core/log/quorum.ts';
import type { AuthoritiesView, AuthorityRecordsView } from '../lib/node/authority-api.ts';
import { authorityNames, fixtureNow } from './fixtures.ts';

/** What differs between the authorities of the fixtures. */
export interface AuthoritySeed {
  readonly names?: readonly string[];
  readonly epoch?: number;
  /** Those that do not answer the relay. */
  readonly stopped?: readonly string[];
  /** Those that say why they do not vote. */
  readonly halted?: Readonly<Record<string, string>>;
  /** Those that are behind, by so many blocks. */
  readonly behind?: Readonly<Record<string, number>>;
  readonly pending?: number;
  /** Unix seconds. */
  readonly freshAsOf?: number;
  /** False when the relay does not answer. */
  readonly reported?: boolean;
  readonly history?: readonly EpochFacts[];
}

const HEIGHT = 6239;

/** The authorities as the node tells of them; the four of the other fixtures, all well, unless told otherwise. */
export function authoritiesFixture(seed: AuthoritySeed = {}): AuthoritiesView {
  const { names = authorityNames, epoch = 1, freshAsOf = fixtureNow - 8, reported = true } = seed;
  const need = quorum(names.length);
  const cosigners = names
    .slice(0, need)
    .map((name, position) => ({ name, time: freshAsOf + (position % 3) }));
  return {
    epoch,
    quorum: need,
    tolerated: faultTolerance(names.length),
    members: names.map((name, position) => {
      const time = cosigners[position]?.time;
      return { name, ...(time !== undefined && { cosignedAt: time }) };
    }),
    checkpoint: { size: 12_480, freshAsOf, cosigners, members: names.length },
    history: seed.history ?? [epochFixture({ epoch: 1, members: names })],
    ...(reported && {
      report: {
        at: fixtureNow - 1,
        unreadable: [],
        reports: names.map((name) => reportFixture(name, names, seed)),
      },
    }),
  };
}

/** An epoch of the history. */
export function epochFixture(facts: Partial<EpochFacts> & Pick<EpochFacts, 'epoch' | 'members'>): EpochFacts {
  return {
    since: 0,
    time: fixtureNow - 5_000_000,
    quorum: quorum(facts.members.length),
    added: [],
    removed: [],
    renewed: [],
    ...facts,
  };
}

/** A replayed log in which nobody did anything wrong. */
export function authorityRecordsFixture(): AuthorityRecordsView {
  return {
    size: 12_480,
    changes: [],
    suspended: [],
    disagreements: { found: [], considered: 500, checked: 12, unread: 0, left: 0 },
  };
}

function reportFixture(name: string, names: readonly string[], seed: AuthoritySeed): AuthorityReport {
  const { stopped = [], halted = {}, behind = {}, pending = 0, epoch = 1 } = seed;
  if (stopped.includes(name)) return { name, reachable: false, lastSeen: fixtureNow - 340 };
  const reason = halted[name];
  return {
    name,
    reachable: true,
    lastSeen: fixtureNow - 1,
    status: {
      name,
      epoch,
      view: HEIGHT + 2,
      height: HEIGHT - (behind[name] ?? 0),
      size: 12_480,
      finalized: 12_480,
      leader: 1,
      busy: pending > 0,
      pending,
      ...(reason !== undefined && { halted: { reason } }),
      peers: names.flatMap((peer, index) => {
        if (peer === name) return [];
        const gone = stopped.includes(peer);
        const secondsAgo = gone ? 345 : halted[peer] === undefined ? 12 : 4000;
        return [{ index, name: peer, connected: !gone, lastVoteAt: (fixtureNow - secondsAgo) * 1000 }];
      }),
    },
  };
}
