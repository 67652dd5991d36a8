import { equalBytes } from '@assay/core/encoding/bytes.ts';
import { encodeTransaction } from '@assay/core/records/transaction.ts';
import { nameOf } from '../era.ts';
import {
  cosignaturesConflict,
  encodeEvidence,
  evidenceKey,
  judgeEvidence,
  votesConflict,
  type Evidence,
} from '../evidence.ts';
import { suspendedIn } from '../ledger.ts';
import { MAX_EVIDENCE_PER_SIGNER, VIEW_WINDOW } from '../limits.ts';
import type { SignedTreeHead } from '../cosignature.ts';
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
import { ownVoteKey } from './own-key.ts';
import { addTransaction } from './pending.ts';
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
  if (context.me !== undefined && certificate.signers.includes(context.me) && !isOwn(step, certificate))
    forgetful(step, certificate.view);
  for (const vote of votesOf(certificate)) noteContradiction(step, vote);
  keepCertificate(step, certificate);
}

/** Rule R14: keeps proof that an authority contradicted itself, tells the others once, and reports it to the log. */
export function keepEvidence(step: Step, evidence: Evidence): void {
  const { context } = step;
  const { evidence: kept } = step.state;
  const accused = context.sets[evidence.first.epoch - 1]?.authorities[evidence.first.signer];
  if (accused === undefined) return;
  const { name } = accused;
  const { epoch } = evidence.first;
  const key = evidenceKey(name, evidence);
  const ofSigner = [...kept].filter(
    ([one, { first }]) => first.epoch === epoch && one.startsWith(`${name}/`),
  ).length;
  if (kept.has(key) || ofSigner >= MAX_EVIDENCE_PER_SIGNER) return;
  step.set({ evidence: new Map(kept).set(key, evidence) });
  step.write({ kind: 'evidence', key, evidence });
  step.broadcast({ kind: 'evidence', evidence });
  reportEvidence(step);
  const own = context.me === undefined ? undefined : context.voteKeys[context.me];
  if (own === undefined || !equalBytes(own, accused.voteKey)) return;
  halt(step, 'its own signatures contradict each other: it runs twice, or from an old copy of its database');
}

/** Takes in evidence from elsewhere: two signed statements of this epoch or the one before that contradict each other. */
export function recordEvidence(step: Step, evidence: Evidence): void {
  const { context } = step;
  const { epoch } = evidence.first;
  if (epoch !== context.epoch && epoch !== context.epoch - 1) return;
  const accused = judgeEvidence(context, evidence);
  if (accused === undefined || step.state.evidence.has(evidenceKey(accused.name, evidence))) return;
  keepEvidence(step, evidence);
}

/** Rule R14: puts a report before the others for every member that evidence convicts and the log does not suspend yet. */
export function reportEvidence(step: Step): void {
  for (const evidence of step.state.evidence.values()) {
    const { context, state } = step;
    const { epoch: then, signer } = evidence.first;
    const name = context.sets[then - 1]?.authorities[signer]?.name;
    if (name === undefined || !context.names.includes(name)) continue;
    const isKnown =
      suspendedIn(state.final.ledger).includes(name) || state.pending.has(`equivocation ${name}`);
    const accused = isKnown ? undefined : judgeEvidence(context, evidence);
    if (accused === undefined) continue;
    const { offence } = accused;
    const { epoch } = context;
    addTransaction(
      step,
      encodeTransaction({
        v: 1,
        kind: 'equivocation',
        epoch,
        name,
        offence,
        evidence: encodeEvidence(evidence),
      }),
    );
  }
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

/** Stops voting for good with the present vote key, and remembers that. */
export function halt(step: Step, reason: string): void {
  const { era, halted, amnesia } = step.state;
  if (halted !== undefined) return;
  const own = ownVoteKey(era);
  if (own === undefined) return step.set({ halted: { reason } });
  const keys = [...(amnesia?.keys ?? []), own];
  step.set({ halted: { reason }, amnesia: { reason, keys } });
  step.write({ kind: 'amnesia', reason, keys });
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
  else
    step.send(nameOf(context, leaderOf(context, certificate.view + 1)), { kind: 'certificate', certificate });
}
