import { MAX_BLOCK_BYTES, MAX_CERTIFICATE_RANGE } from '../limits.ts';
import { leaderOf, type State } from '../state.ts';
import type { Message } from '../messages.ts';
import type { Step } from '../step.ts';
import { tipOf } from './catch-up.ts';
import { reportEvidence } from './record.ts';
import { isBusy } from './views.ts';

/**
 * Rule R9: the only retransmission there is. The tip always; while busy also this authority's own votes and proposal above
 * the last final view, the certificates of those views, and the transactions that wait. What is lacking is asked for anew. A report that
 * found no room among the transactions that wait is tried again (rule R14).
 */
export function tick(step: Step): void {
  const { state } = step;
  step.set({ ticks: state.ticks + 1, asked: new Set() });
  step.broadcast(tipOf(step));
  reportEvidence(step);
  if (!isBusy(step.context, step.state)) return;
  for (const message of ownStatements(step)) step.broadcast(message);
  for (const [view, { certificates }] of state.views) {
    if (view < state.view - MAX_CERTIFICATE_RANGE) continue;
    for (const certificate of Object.values(certificates))
      step.broadcast({ kind: 'certificate', certificate });
  }
  for (const bytes of firstPending(step.state)) step.broadcast({ kind: 'transaction', bytes });
  // Rule R12: the leader that makes the hand-off may not have heard all who cosigned the end of the epoch before.
  for (const sizes of state.cosign.before.values())
    for (const cosignature of sizes.values()) step.broadcast({ kind: 'cosignature', cosignature });
}

/** The oldest waiting transactions, as many as fit into a block: the others get their turn. */
function firstPending({ pending }: State): Uint8Array[] {
  const chosen: Uint8Array[] = [];
  let size = 0;
  for (const { bytes } of pending.values()) {
    size += bytes.length;
    if (size > MAX_BLOCK_BYTES) break;
    chosen.push(bytes);
  }
  return chosen;
}

/** Own durable votes above the last final view; the leader's own goes together with its block. */
function ownStatements({ context, state }: Step): Message[] {
  const messages: Message[] = [];
  const { me } = context;
  if (me === undefined) return messages;
  for (const [view, { votes }] of state.views) {
    for (const ofKind of Object.values(votes)) {
      const vote = ofKind.get(me);
      if (vote === undefined) continue;
      const isProposal = vote.kind === 'notarise' && leaderOf(context, view) === me;
      const known = isProposal ? state.blocks.get(vote.digest) : undefined;
      messages.push(
        known === undefined ? { kind: 'vote', vote } : { kind: 'proposal', block: known.block, vote },
      );
    }
  }
  return messages;
}
