import { describe, expect, it } from 'vitest';
import type { AuthorityStatus } from '../net/status-protocol.ts';
import { healthOf, type HealthSet } from './health.ts';
import type { AuthorityReport } from './report.ts';

const NOW = 1_790_000_000;
const members = ['ayla', 'borneo', 'cassini', 'delft'];
const set: HealthSet = { epoch: 2, members, quorum: 3 };

/** What one authority says of itself when it sees all others vote. */
function status(name: string, change: Partial<AuthorityStatus> = {}): AuthorityStatus {
  return {
    name,
    epoch: 2,
    view: 12,
    height: 10,
    size: 40,
    finalized: 40,
    leader: 1,
    busy: false,
    pending: 0,
    peers: members.flatMap((peer, index) =>
      peer === name ? [] : [{ index, name: peer, lastVoteAt: NOW * 1000, connected: true }],
    ),
    ...change,
  };
}

function report(name: string, change: Partial<AuthorityStatus> = {}): AuthorityReport {
  return { name, reachable: true, lastSeen: NOW, status: status(name, change) };
}

const silent = (name: string): AuthorityReport => ({ name, reachable: false, lastSeen: NOW - 60 });
const stateOf = (reports: readonly AuthorityReport[], name: string) =>
  healthOf(set, reports).members.find((member) => member.name === name);

describe('the health of a network', () => {
  it('is idle when all vote and nothing waits, and says who leads', () => {
    const health = healthOf(
      set,
      members.map((name) => report(name)),
    );
    expect(health).toMatchObject({ state: 'idle', reachable: 4, leader: 'borneo', height: 10, pending: 0 });
    expect(health.members.map(({ state }) => state)).toEqual(['votes', 'votes', 'votes', 'votes']);
    expect(health.members.map(({ leads }) => leads)).toEqual([false, true, false, false]);
    expect(health.members[0]?.connected).toEqual({ by: 3, of: 3 });
  });

  it('is busy while transactions wait at anybody', () => {
    const reports = [report('ayla', { busy: true, pending: 7 }), report('borneo'), report('cassini')];
    expect(healthOf(set, reports)).toMatchObject({ state: 'busy', pending: 7 });
  });

  it('is halted when fewer than a quorum can be reached', () => {
    const reports = [report('ayla'), report('borneo'), silent('cassini'), silent('delft')];
    const health = healthOf(set, reports);
    expect(health.state).toBe('halted');
    expect(health.reason).toBe('only 2 of 4 authorities can be reached and 3 must agree');
  });

  it('is halted when too many of those reached do not vote, with the reason they give', () => {
    const full = { halted: { reason: 'its disk is full' } };
    const reports = [report('ayla', full), report('borneo', full), report('cassini'), report('delft')];
    expect(healthOf(set, reports)).toMatchObject({
      state: 'halted',
      reason: 'only 2 of 4 vote; ayla: its disk is full',
    });
    expect(stateOf(reports, 'ayla')).toMatchObject({ state: 'halted', reason: 'its disk is full' });
  });

  it('is not known without a report', () => {
    const health = healthOf(set, []);
    expect(health).toMatchObject({ state: 'unknown', reachable: 0, pending: 0 });
    expect(health.leader).toBeUndefined();
    expect(health.members.map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });
});

describe('a member', () => {
  it('that does not answer is silent since anybody last heard of it', () => {
    const reports = [report('ayla'), report('borneo'), report('cassini'), silent('delft')];
    expect(stateOf(reports, 'delft')).toMatchObject({ state: 'silent', lastHeardAt: NOW });
    expect(stateOf([silent('delft')], 'delft')).toMatchObject({ state: 'silent', lastHeardAt: NOW - 60 });
  });

  it('that answers, but whose votes stopped while others went on, is no more than reachable', () => {
    const late = (name: string) =>
      report(name, {
        peers: status(name).peers.map((peer) =>
          peer.name === 'delft' ? { ...peer, lastVoteAt: (NOW - 61) * 1000 } : peer,
        ),
      });
    const reports = [late('ayla'), late('borneo'), late('cassini'), report('delft')];
    expect(stateOf(reports, 'delft')).toMatchObject({ state: 'reachable', lastVoteAt: NOW - 61 });
    expect(stateOf(reports, 'ayla')).toMatchObject({ state: 'votes' });
  });

  it('is so many blocks behind the one that has most, and in another epoch where it says so', () => {
    const reports = [report('ayla'), report('borneo'), report('cassini', { height: 4, epoch: 1 })];
    expect(stateOf(reports, 'cassini')).toMatchObject({ lag: 6, otherEpoch: 1 });
    expect(stateOf(reports, 'ayla')).toMatchObject({ lag: 0 });
    expect(stateOf(reports, 'ayla')?.otherEpoch).toBeUndefined();
  });

  it('leads when the one furthest on says so by name; an index of another epoch is not guessed at', () => {
    const named = [report('ayla', { view: 13, leader: 0, leaderName: 'delft' }), report('borneo')];
    expect(healthOf(set, named).leader).toBe('delft');
    expect(healthOf(set, [report('ayla', { epoch: 3, leader: 0 })]).leader).toBeUndefined();
  });

  it('is not counted when it is not in the set, only named', () => {
    const health = healthOf(set, [report('ayla'), report('etna'), silent('fuji')]);
    expect(health.reachable).toBe(1);
    expect(health.others).toEqual([
      { name: 'etna', reachable: true },
      { name: 'fuji', reachable: false },
    ]);
  });
});
