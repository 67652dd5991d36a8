import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { cosignaturesConflict, evidenceKey, isConflict, votesConflict, type Evidence } from '../evidence.ts';
import { MAX_EVIDENCE_PER_SIGNER, VIEW_WINDOW } from '../limits.ts';
import { isTreeHeadSigned, type SignedTreeHead } from '../cosignature.ts';
import { leaderOf, viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import {
  certificateOf,
  isCertificateValid,
  isVoteSigned,
  votesOf,
  type Certificate,
  type Vote,
} from '../vote.ts';
import { isOwn } from './voting.ts';

/** Certificates go to everybody while the set is this small; in larger ones to the next leader, the rest ask. */
const SMALL_SET = 16;

/** Takes in a vote that came from somewhere: new, of this epoch, of a view that matters, and signed; else it is dropped. */
export function recordVote(step: Step, vote: Vote): void {
  const { context, state } = step;
  if (vote.epoch !== context.epoch || vote.view <= state.final.view || vote.view > state.view + VIEW_WINDOW)
    return;
  const votes = viewOf(state, vote.view).votes;
  const earlier = votes[vote.kind].get(vote.signer);
  if (earlier?.digest === vote.digest || !isVoteSigned(context, vote)) return;
  if (vote.signer === context.me && !isOwn(step, vote)) return forgetful(step, vote.view);
  const contrary = [votes.notarise, votes.nullify, votes.finalise]
    .map((one) => one.get(vote.signer))
    .find((one) => one !== undefined && votesConflict(one, vote));
  if (contrary !== undefined) keepEvidence(step, { kind: 'votes', first: contrary, second: vote });
  if (earlier === undefined) countVote(step, vote);
}

/** Adds a vote that is known to be good, and makes the certificate it completes. */
export function countVote(step: Step, vote: Vote): void {
  const view = viewOf(step.state, vote.view);
  const ofKind = new Map(view.votes[vote.kind]).set(vote.signer, vote);
  step.setView(vote.view, { votes: { ...view.votes, [vote.kind]: ofKind } });
  const alike = [...ofKind.values()].filter((one) => one.digest === vote.digest);
  if (alike.length < step.context.quorum || view.certificates[vote.kind] !== undefined) return;
  keepCertificate(step, certificateOf(vote, alike));
  spread(step, certificateOf(vote, alike));
}

/** Takes in a certificate from elsewhere. Any later view will do: a quorum stands behind it. */
export function recordCertificate(step: Step, certificate: Certificate): void {
  const { context, state } = step;
  if (certificate.epoch !== context.epoch || certificate.view <= state.final.view) return;
  const { votes, certificates } = viewOf(state, certificate.view);
  if (certificates[certificate.kind] !== undefined) return;
  const isKnown = (vote: Vote) => {
    const known = votes[vote.kind].get(vote.signer);
    return known?.digest === vote.digest && equalBytes(known.signature, vote.signature);
  };
  if (!isCertificateValid(context, certificate, isKnown)) return;
  if (certificate.signers.includes(context.me) && !isOwn(step, certificate))
    forgetful(step, certificate.view);
  for (const vote of votesOf(certificate)) noteContradiction(step, vote);
  keepCertificate(step, certificate);
}

/** Rule R14: keeps proof that an authority contradicted itself, and tells the others once. */
export function keepEvidence(step: Step, evidence: Evidence): void {
  const key = evidenceKey(evidence);
  const { evidence: kept } = step.state;
  const ofSigner = [...kept].filter((one) => one.startsWith(`${evidence.first.signer}/`)).length;
  if (kept.has(key) || ofSigner >= MAX_EVIDENCE_PER_SIGNER) return;
  step.set({ evidence: new Set(kept).add(key) });
  step.write({ kind: 'evidence', key, evidence });
  step.broadcast({ kind: 'evidence', evidence });
  if (evidence.first.signer !== step.context.me) return;
  halt(step, 'its own signatures contradict each other: it runs twice, or from an old copy of its database');
}

/** Takes in evidence from elsewhere: two signed statements that contradict each other. */
export function recordEvidence(step: Step, evidence: Evidence): void {
  const { context } = step;
  if (!isConflict(evidence)) return;
  const isSigned =
    evidence.kind === 'votes'
      ? isVoteSigned(context, evidence.first) && isVoteSigned(context, evidence.second)
      : isTreeHeadSigned(context, evidence.first) && isTreeHeadSigned(context, evidence.second);
  if (isSigned) keepEvidence(step, evidence);
}

/** Keeps evidence if the two cosignatures contradict each other. */
export function compareCosignatures(
  step: Step,
  first: SignedTreeHead | undefined,
  second: SignedTreeHead,
): void {
  if (first !== undefined && cosignaturesConflict(first, second)) {
    keepEvidence(step, { kind: 'cosignatures', first, second });
  }
}

/** Adds a certificate that is known to be good. */
export function keepCertificate(step: Step, certificate: Certificate): void {
  const { certificates } = viewOf(step.state, certificate.view);
  step.setView(certificate.view, { certificates: { ...certificates, [certificate.kind]: certificate } });
}

/**
 * This authority's own signature stands under a vote it does not remember: its memory is older than its deeds. It must
 * never vote in this epoch again, or it could contradict itself.
 */
function forgetful(step: Step, view: number): void {
  halt(step, `it does not remember its own vote in view ${view}: its database is older than its votes`);
}

/** Stops voting for good, and remembers that. */
export function halt(step: Step, reason: string): void {
  if (step.state.halted !== undefined) return;
  step.set({ halted: { reason } });
  step.write({ kind: 'amnesia', reason });
}

function noteContradiction(step: Step, vote: Vote): void {
  const { votes } = viewOf(step.state, vote.view);
  for (const ofKind of [votes.notarise, votes.nullify, votes.finalise]) {
    const earlier = ofKind.get(vote.signer);
    if (earlier !== undefined && votesConflict(earlier, vote)) {
      keepEvidence(step, { kind: 'votes', first: earlier, second: vote });
    }
  }
}

/** Rule R4: whoever completes a certificate passes it on. */
function spread(step: Step, certificate: Certificate): void {
  const { context } = step;
  if (context.count <= SMALL_SET) step.broadcast({ kind: 'certificate', certificate });
  else step.send(leaderOf(context, certificate.view + 1), { kind: 'certificate', certificate });
}
