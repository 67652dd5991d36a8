import { nextEra, type Era } from '../era.ts';
import type { Halt, State } from '../state.ts';
import type { Step } from '../step.ts';
import { forbids, ownVoteKey } from './own-key.ts';
import { recheckPending } from './pending.ts';
import { reportEvidence } from './record.ts';

/**
 * Rule R12: the last final block closed its epoch, so the next one begins at its view 1. Nothing of the old epoch counts any more,
 * but the cosignatures of its last tree: those are what the hand-off is made of.
 */
export function beginEpoch(step: Step): void {
  const { state, network, now } = step;
  const { closed } = state.final.ledger;
  if (closed === undefined) return;
  const { next, head, state: record, proof } = closed;
  const era = nextEra(network, state.era, next, { head, state: record, proof });
  const { closed: _, ...ledger } = state.final.ledger;
  for (const timer of ['view', 'empty'] as const)
    if (state.timers[timer] !== undefined) step.emit({ kind: 'stop-timer', timer });
  const { emptyDue: _due, halted, ...rest } = state;
  const stillHalted = haltIn(era, state, halted);
  step.replace({
    ...rest,
    era,
    began: now,
    view: 1,
    entered: 0,
    final: { ...state.final, view: 0, ledger },
    views: new Map(),
    blocks: new Map(),
    timers: {},
    asked: new Set(),
    peers: new Map([...state.peers].map(([name, peer]) => [name, { ...peer, answered: new Set() }])),
    cosign: { ...state.cosign, before: state.cosign.received, received: new Map() },
    evidence: new Map([...state.evidence].filter(([, { first }]) => first.epoch >= state.era.epoch)),
    ...(stillHalted === undefined ? {} : { halted: stillHalted }),
  });
  recheckPending(step);
  reportEvidence(step);
}

/** Why this authority does not vote in an era: a broken disk stays broken; amnesia ends with a new key. */
function haltIn(era: Era, { amnesia }: Pick<State, 'amnesia'>, halted: Halt | undefined): Halt | undefined {
  if (amnesia === undefined || halted?.reason !== amnesia.reason) return halted;
  return forbids(amnesia, ownVoteKey(era)) ? { reason: amnesia.reason } : undefined;
}
