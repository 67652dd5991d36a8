import { MAX_COSIGNED_SIZES, MAX_EVIDENCE_PER_SIGNER, VIEW_WINDOW } from '../../src/consensus/limits.ts';
import type { Process } from '../process.ts';
import type { Report } from './monitor.ts';

/** Steps of a process between two looks at what it remembers. */
const PERIOD = 64;

/** I19: what a process remembers is bounded, whatever others send it. */
export class BoundsRule {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  stepped(process: Process): void {
    if (process.events % PERIOD !== 0) return;
    const { state, authority } = process;
    const span = Math.max(0, state.view - state.final.view) + VIEW_WINDOW;
    const isBounded =
      state.views.size <= 2 * span &&
      state.blocks.size <= 2 * span &&
      !hasTooMuchEvidence(state.evidence) &&
      [...state.cosign.received.values()].every((sizes) => sizes.size <= MAX_COSIGNED_SIZES) &&
      state.asked.size <= 4 * span;
    if (!isBounded) this.#report(`I19: ${authority} remembers more than it should`);
  }
}

/** Whether more pieces of evidence name one authority in one epoch than are worth keeping. */
function hasTooMuchEvidence(evidence: ReadonlyMap<string, unknown>): boolean {
  if (evidence.size <= MAX_EVIDENCE_PER_SIGNER) return false;
  const bySigner = new Map<string, number>();
  for (const name of evidence.keys()) {
    const signer = name.split('/', 2).join('/');
    bySigner.set(signer, (bySigner.get(signer) ?? 0) + 1);
  }
  return Math.max(...bySigner.values()) > MAX_EVIDENCE_PER_SIGNER;
}
