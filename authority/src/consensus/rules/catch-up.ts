import { headerDigest, type Hash } from '../block.ts';
import { ANSWER_BURST, FINAL_RUN_COST, MAX_CERTIFICATE_RANGE } from '../limits.ts';
import type { FinalMessage, TipMessage } from '../messages.ts';
import { viewOf, type KnownBlock } from '../state.ts';
import type { Step } from '../step.ts';
import { isCertificateValid } from '../vote.ts';
import { addBlock, isLacking } from './blocks.ts';
import { finaliseChain } from './finalise.ts';
import { recordCosignature } from './cosign.ts';
import { recordCertificate } from './record.ts';
import { bodyKey, finalKey } from './wants.ts';

/**
 * Rule R10: who still works on a view this authority left is told how it ended. Not at once: in the normal course every
 * view has late votes, and their senders need no answer.
 */
export function answerLaggard(
  step: Step,
  peer: string,
  { epoch, view }: { epoch: number; view: number },
): void {
  const { context, state, now } = step;
  const isPast = epoch < context.epoch;
  if (epoch > context.epoch || (!isPast && view >= state.view)) return;
  const left = isPast ? state.began : view <= state.final.view ? state.final.at : viewOf(state, view).left;
  if (left !== undefined && Math.abs(now - left) < context.delta) return;
  if (!mayAnswer(step, peer, isPast ? 0 : view)) return;
  if (isPast || view <= state.final.view) step.send(peer, tipOf(step));
  else sendCertificates(step, peer, view, view);
}

/** What this authority says of where it stands. */
export function tipOf({ context, state }: Step): TipMessage {
  const { height, proof } = state.final;
  const { own } = state.cosign;
  return {
    kind: 'tip',
    epoch: context.epoch,
    height,
    view: state.view,
    ...(proof === undefined ? {} : { proof }),
    ...(own === undefined ? {} : { cosignature: own }),
  };
}

/** Takes in where a peer stands, and helps it on if that is behind. */
export function recordTip(step: Step, peer: string, tip: TipMessage): void {
  step.setPeer(peer, { height: tip.height, epoch: tip.epoch });
  if (tip.proof !== undefined) recordCertificate(step, tip.proof);
  if (tip.cosignature !== undefined) recordCosignature(step, tip.cosignature);
  const { state } = step;
  const isBehind =
    tip.height < state.final.height || (tip.cosignature?.size ?? 0) < (state.cosign.own?.size ?? 0);
  if (isBehind) {
    if (mayAnswer(step, peer, 0)) step.send(peer, tipOf(step));
  } else if (
    tip.epoch === state.era.epoch &&
    tip.height === state.final.height &&
    tip.view < state.view &&
    mayAnswer(step, peer, tip.view)
  ) {
    sendCertificates(step, peer, tip.view, Math.min(state.view - 1, tip.view + MAX_CERTIFICATE_RANGE));
  }
}

/** Answers with all certificates of these views. */
export function serveCertificates(step: Step, peer: string, from: number, to: number): void {
  if (spend(step, peer)) sendCertificates(step, peer, from, to);
}

/** Answers with a body, or with the tip when the block is older than what is kept. */
export function serveBlock(step: Step, peer: string, digest: Hash): void {
  if (!spend(step, peer)) return;
  const known = step.state.blocks.get(digest);
  step.send(peer, known === undefined ? tipOf(step) : { kind: 'block', block: known.block });
}

/** Answers with final blocks out of the database. */
export function serveFinal(step: Step, peer: string, from: number): void {
  if (from <= step.state.final.height && spend(step, peer, FINAL_RUN_COST))
    step.emit({ kind: 'serve-final', to: peer, from });
}

/** Takes in a body that was asked for and is in its place. */
export function recordBody(step: Step, block: KnownBlock['block']): void {
  const digest = headerDigest(block.header);
  const { state } = step;
  if (state.asked.has(bodyKey(digest)) && isLacking(state, block, digest)) addBlock(step, block, digest);
}

/**
 * Takes in final blocks that were asked for: their chain starts at the last final block here and ends, over the headers of
 * `path`, at a block with a finality certificate.
 */
export function recordFinal(step: Step, { blocks, path, proof }: FinalMessage): void {
  const { context, state } = step;
  const missing = blocks.filter(({ header }) => header.height > state.final.height);
  if (!state.asked.has(finalKey(state.final.height + 1)) || missing.length === 0) return;
  const digests = missing.map(({ header }) => headerDigest(header));
  let parent = state.final.digest;
  for (const [at, { header }] of missing.entries()) {
    if (header.parent !== parent) return;
    parent = digests[at] ?? parent;
  }
  for (const header of path) {
    if (header.parent !== parent) return;
    parent = headerDigest(header);
  }
  const isProven = proof.kind === 'finalise' && proof.epoch === context.epoch && proof.digest === parent;
  if (!isProven || !isCertificateValid(context, proof)) return;
  recordCertificate(step, proof);
  for (const [at, block] of missing.entries()) addBlock(step, block, digests[at]);
  const chain = digests.flatMap((digest) => step.state.blocks.get(digest) ?? []);
  if (chain.length === missing.length) finaliseChain(step, chain, proof, path);
}

function sendCertificates(step: Step, peer: string, from: number, to: number): void {
  for (let view = from; view <= to; view++) {
    const { notarise, nullify } = viewOf(step.state, view).certificates;
    if (notarise !== undefined) step.send(peer, { kind: 'certificate', certificate: notarise });
    if (nullify !== undefined) step.send(peer, { kind: 'certificate', certificate: nullify });
  }
}

/** One answer per peer and view in a while, however often it asks. */
function mayAnswer(step: Step, peer: string, view: number): boolean {
  const { answered, answeredAt } = step.peer(peer);
  const isStale = Math.abs(step.now - answeredAt) >= step.context.delta;
  if (!isStale && (answered.has(view) || answered.size >= ANSWER_BURST)) return false;
  step.setPeer(peer, {
    answered: new Set(isStale ? [view] : [...answered, view]),
    answeredAt: isStale ? step.now : answeredAt,
  });
  return true;
}

/** Takes an answer out of what the peer may have; refilled with time, also after the clock was set back. */
function spend(step: Step, peer: string, cost = 1): boolean {
  const { budget, budgetAt } = step.peer(peer);
  const refilled = Math.min(ANSWER_BURST, budget + (Math.max(0, step.now - budgetAt) / 1000) * ANSWER_BURST);
  const isGranted = refilled >= cost;
  step.setPeer(peer, { budget: isGranted ? refilled - cost : refilled, budgetAt: step.now });
  return isGranted;
}
