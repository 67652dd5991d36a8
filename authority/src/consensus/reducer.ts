import type { Effect, Event, Happening, OwnStatement } from './events.ts';
import type { Message } from './messages.ts';
import { nameOf, type Network } from './era.ts';
import type { State } from './state.ts';
import { Step } from './step.ts';
import {
  answerLaggard,
  recordBody,
  recordFinal,
  recordTip,
  serveBlock,
  serveCertificates,
  serveFinal,
  tipOf,
} from './rules/catch-up.ts';
import { heartbeat, logDurable, recordCosignature } from './rules/cosign.ts';
import { finaliseCertified, voteFinalise } from './rules/finalise.ts';
import { notarise, recordProposal } from './rules/notarise.ts';
import { giveUpView, joinNullify } from './rules/nullify.ts';
import { addTransaction } from './rules/pending.ts';
import { propose } from './rules/propose.ts';
import { countVote, recordCertificate, recordEvidence, recordVote, reportEvidence } from './rules/record.ts';
import { tick } from './rules/tick.ts';
import { setTimers } from './rules/timers.ts';
import { enterViews } from './rules/views.ts';
import { fetchMissing } from './rules/wants.ts';

/**
 * One step of one authority. Pure: the same state and event always give the same outcome. First the event is taken in, then
 * every rule is tried until none has anything to do.
 */
export function reduce(
  network: Network,
  state: State,
  event: Event,
): { state: State; effects: readonly Effect[] } {
  const step = new Step(network, state, event.now);
  takeIn(step, event);
  let before: State;
  do {
    before = step.state;
    for (const rule of RULES) rule(step);
  } while (step.state !== before);
  fetchMissing(step);
  setTimers(step);
  return step.finish();
}

/** In the order of their numbers as far as it matters: what is final first, then where we are, then what to say. */
const RULES = [finaliseCertified, enterViews, voteFinalise, joinNullify, notarise, propose] as const;

function takeIn(step: Step, event: Happening): void {
  switch (event.kind) {
    case 'start':
      reportEvidence(step);
      return tick(step);
    case 'message':
      return takeInMessage(step, event.from, event.message);
    case 'transaction':
      return addTransaction(step, event.bytes);
    case 'persisted':
      return event.release.forEach((statement) => letGo(step, statement));
    case 'timer':
      return event.timer === 'view' ? giveUpView(step, event.view) : step.set({ emptyDue: event.view });
    case 'tick':
      return tick(step);
    case 'connected':
      return step.send(event.peer, tipOf(step));
    case 'log-durable':
      return logDurable(step, event.head);
    case 'heartbeat':
      return heartbeat(step);
    case 'storage-failed':
      return step.set({ halted: { reason: event.reason } });
    default:
      return event satisfies never;
  }
}

function takeInMessage(step: Step, from: string, message: Message): void {
  noteSender(step, from, message);
  switch (message.kind) {
    case 'proposal':
      answerLaggard(step, from, message.vote);
      return recordProposal(step, message.block, message.vote);
    case 'vote':
      answerLaggard(step, from, message.vote);
      return recordVote(step, message.vote);
    case 'certificate':
      return recordCertificate(step, message.certificate);
    case 'tip':
      return recordTip(step, from, message);
    case 'transaction':
      return addTransaction(step, message.bytes);
    case 'cosignature':
      return recordCosignature(step, message.cosignature);
    case 'evidence':
      return recordEvidence(step, message.evidence);
    case 'fetch-block':
      return serveBlock(step, from, message.digest);
    case 'block':
      return recordBody(step, message.block);
    case 'fetch-certificates':
      return serveCertificates(step, from, message.from, message.to);
    case 'fetch-final':
      return serveFinal(step, from, message.from);
    case 'final':
      return recordFinal(step, message);
    default:
      return message satisfies never;
  }
}

/**
 * What a message says of its sender besides its content. Who speaks of a later epoch knows what this authority lacks. It may be a
 * lie: then asking is all that comes of it.
 */
function noteSender(step: Step, from: string, message: Message): void {
  const { context, now } = step;
  const epoch = epochOf(message);
  const isAhead = epoch > context.epoch && epoch > (step.peer(from).epoch ?? 0);
  const isOwnVote =
    message.kind === 'vote' && epoch === context.epoch && nameOf(context, message.vote.signer) === from;
  step.setPeer(from, {
    heardAt: now,
    ...(isAhead ? { epoch } : {}),
    ...(isOwnVote ? { lastVoteAt: now } : {}),
  });
}

function epochOf(message: Message): number {
  if (message.kind === 'proposal' || message.kind === 'vote') return message.vote.epoch;
  if (message.kind === 'certificate') return message.certificate.epoch;
  return message.kind === 'tip' ? message.epoch : 0;
}

/** A durable statement leaves, and counts here too. */
function letGo(step: Step, statement: OwnStatement): void {
  step.broadcast(statement);
  if (statement.kind === 'cosignature') return recordCosignature(step, statement.cosignature);
  const { vote } = statement;
  const isOpen = vote.epoch === step.context.epoch && vote.view > step.state.final.view;
  if (isOpen) countVote(step, vote);
}
