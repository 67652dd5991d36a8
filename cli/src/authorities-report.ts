import type { DisagreementAnswer } from '@assay/core/authorities/disagreements.ts';
import { freshnessOf } from '@assay/core/authorities/freshness.ts';
import { healthOf, type MemberHealth, type NetworkHealth } from '@assay/core/authorities/health.ts';
import { membershipHistory, type EpochFacts } from '@assay/core/authorities/history.ts';
import type { LoggedChange } from '@assay/core/authorities/membership-scan.ts';
import type { StatusReport } from '@assay/core/authorities/report.ts';
import type { VerifiedCheckpoint } from '@assay/core/log/policy.ts';
import { offenceWords } from '@assay/core/records/offence-words.ts';
import { setForSize } from '@assay/core/records/network.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import { ago } from '@assay/core/verify/words.ts';

/** What a replayed log says of its authorities. */
export interface LogFacts {
  /** Entries. */
  readonly size: number;
  /** Equivocations, additions and removals, oldest first. */
  readonly changes: readonly LoggedChange[];
  readonly suspended: readonly string[];
  readonly disagreements: DisagreementAnswer;
}

/** All that `assay status` knows of the authorities: checked here, but for `report`. */
export interface AuthorityFacts {
  readonly trust: NetworkTrust;
  readonly checkpoint: VerifiedCheckpoint | undefined;
  /** What the replayed log says; undefined in a light client, which has not replayed it. */
  readonly log: LogFacts | undefined;
  /** What the relay says; undefined when it does not answer. */
  readonly report: StatusReport | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** The facts for programs: what was checked here and what is only reported stand apart. */
export function authorityData(facts: AuthorityFacts): Readonly<Record<string, unknown>> {
  const { trust, log, report } = facts;
  const { current } = trust;
  const freshness = freshnessIn(facts);
  return {
    checked: {
      epoch: current.epoch,
      members: current.authorities.map(({ name }) => name),
      quorum: current.policy.quorum,
      ...(freshness && { freshness }),
      ...(log && {
        equivocations: equivocationsIn(log.changes),
        suspended: log.suspended,
        disagreements: log.disagreements,
      }),
      history: membershipHistory(trust),
    },
    ...(report && { reported: { ...healthIn(facts), unreadable: report.unreadable } }),
  };
}

/** The facts for people, as lines. */
export function authorityLines(facts: AuthorityFacts): string[] {
  const { trust, log, report, now } = facts;
  const suspended = log?.suspended ?? [];
  const health = healthIn(facts);
  const fresh = freshnessIn(facts);
  return [
    ...(fresh === undefined
      ? []
      : [
          `final      as of ${clock(fresh.asOf)} (${fresh.signedInLastHour} of ${fresh.members} signed in the last hour)`,
        ]),
    ...(fresh?.isStale === true
      ? ['           that is more than a day old: there may be newer records nobody has shown']
      : []),
    '',
    `authorities now, reported by the relay: ${report === undefined ? 'it does not answer' : consensusText(health)}`,
    ...health.members.map((member) => `  ${member.name.padEnd(16)} ${memberText(member, suspended, now)}`),
    '',
    'checked here',
    ...(log === undefined ? ['  (the log is not replayed by a light client)'] : logLines(log)),
    ...membershipHistory(trust).map((epoch) => `  epoch ${epoch.epoch}       ${epochText(epoch)}`),
  ];
}

function logLines({ size, changes, disagreements: { found, checked, unread } }: LogFacts): string[] {
  const equivocations = equivocationsIn(changes).map(
    ({ index, name, offence, epoch }) =>
      `  equivocation  ${name} ${offenceWords[offence]}, in epoch ${epoch} (entry ${index})`,
  );
  const disagreements = found.map(
    ({ index, purl, outcomes }) => `  disagreement  ${purl} (entry ${index}): ${outcomesText(outcomes)}`,
  );
  const looked = `in the attestations of ${checked} versions${unread === 0 ? '' : `; ${unread} could not be had`}`;
  return [
    ...(equivocations.length > 0 ? equivocations : [`  no equivocation in ${size} entries`]),
    ...(disagreements.length > 0 ? disagreements : [`  no disagreement ${looked}`]),
  ];
}

function freshnessIn({ checkpoint, trust, now }: AuthorityFacts) {
  if (checkpoint === undefined) return undefined;
  return freshnessOf(checkpoint, setForSize(trust, checkpoint.size).authorities.length, now);
}

function healthIn({ trust: { current }, report }: AuthorityFacts): NetworkHealth {
  const members = current.authorities.map(({ name }) => name);
  return healthOf({ epoch: current.epoch, members, quorum: current.policy.quorum }, report?.reports ?? []);
}

function equivocationsIn(changes: readonly LoggedChange[]) {
  return changes.flatMap(({ index, record }) =>
    record.kind === 'equivocation'
      ? [{ index, name: record.name, offence: record.offence, epoch: record.epoch }]
      : [],
  );
}

function consensusText({ state, reason, reachable, members, leader, pending }: NetworkHealth): string {
  const parts = [
    state === 'halted' ? `halted, ${reason ?? 'no reason is told'}` : state,
    `${reachable} of ${members.length} reachable`,
    ...(leader === undefined ? [] : [`${leader} leads`]),
    `${pending} waiting`,
  ];
  return parts.join('; ');
}

const stateWords: Record<MemberHealth['state'], string> = {
  votes: 'votes',
  reachable: 'reachable',
  halted: 'halted',
  silent: 'not heard',
  unknown: 'not reported',
};

function memberText(member: MemberHealth, suspended: readonly string[], now: number): string {
  const { name, state, reason, lastHeardAt, lastVoteAt, height, lag = 0, otherEpoch, connected } = member;
  const since = lastHeardAt === undefined ? 'so far' : `since ${clock(lastHeardAt)}`;
  return [
    state === 'silent' ? `not heard ${since}` : stateWords[state],
    ...(reason === undefined ? [] : [reason]),
    ...(suspended.includes(name) ? ['suspended'] : []),
    ...(member.leads ? ['leads'] : []),
    ...(height === undefined ? [] : [`block ${height}${lag === 0 ? '' : `, ${lag} behind`}`]),
    ...(otherEpoch === undefined ? [] : [`in epoch ${otherEpoch}`]),
    ...(lastVoteAt === undefined ? [] : [`voted ${ago(Math.max(0, now - lastVoteAt))}`]),
    ...(connected === undefined ? [] : [`connected to ${connected.by} of ${connected.of}`]),
  ].join('; ');
}

function outcomesText(outcomes: DisagreementAnswer['found'][number]['outcomes']): string {
  return outcomes
    .filter(({ outcome }) => outcome === 'dissented' || outcome === 'failed')
    .map(({ name, outcome, detail }) => {
      const what = outcome === 'dissented' ? 'saw other bytes' : 'could not fetch it';
      return `${name} ${what}${detail === undefined ? '' : ` (${detail})`}`;
    })
    .join('; ');
}

function epochText({ epoch, since, time, members, quorum, added, removed, renewed }: EpochFacts): string {
  const day = time === undefined ? '' : ` of ${new Date(time * 1000).toISOString().slice(0, 10)}`;
  return [
    `since entry ${since}${day}`,
    `${members.length} authorities, ${quorum} must agree`,
    ...(epoch === 1 ? ['founded'] : []),
    ...added.map((name) => `${name} joined`),
    ...removed.map((name) => `${name} left`),
    ...(renewed.length === 0 ? [] : [`fresh keys of ${renewed.join(', ')}`]),
  ].join('; ');
}

/** A moment in UTC: `2026-11-20 14:05`. Takes Unix seconds. */
function clock(moment: number): string {
  return `${new Date(moment * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
