import type { Mutation } from './mutation.ts';

const RULES = 'src/consensus/rules';

/** Mutations of how one authority set follows another. */
export const epochMutations: readonly Mutation[] = [
  {
    name: 'epoch-begins-at-the-tip',
    rule: 'R7: the next epoch begins at whichever descendant proved the closing block',
    edits: [
      {
        file: `${RULES}/finalise.ts`,
        from: 'if (isClosing) return beginEpoch(step);',
        to: 'if (isClosing && at === chain.length - 1) return beginEpoch(step);',
      },
    ],
    budget: 600,
    scenarios: ['coup', 'membership'],
  },
  {
    name: 'closing-head-not-cosigned',
    rule: 'R12: the old set does not cosign the tree that its epoch ended with',
    edits: [
      {
        file: `${RULES}/cosign.ts`,
        from: 'return isClosing ? context.epoch - 1 : undefined;',
        to: 'return isClosing ? undefined : undefined;',
      },
    ],
    budget: 40,
    scenarios: ['membership'],
  },
  {
    name: 'stale-transactions-kept',
    rule: 'R12: what waits is not judged anew after a change of the set',
    edits: [{ file: `${RULES}/epochs.ts`, from: '  recheckPending(step);\n', to: '' }],
    budget: 200,
    scenarios: ['membership', 'coup'],
  },
  {
    name: 'own-hand-off-not-followed',
    rule: 'R12: an authority stays in the epoch that was closed',
    edits: [
      {
        file: `${RULES}/finalise.ts`,
        from: 'if (isClosing) return beginEpoch(step);',
        to: 'if (isClosing && at < 0) return beginEpoch(step);',
      },
    ],
    budget: 20,
    scenarios: ['membership'],
  },
  {
    name: 'evidence-not-reported',
    rule: 'R14: evidence is kept but never put before the log',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: '  for (const evidence of step.state.evidence.values()) {',
        to: '  for (const evidence of [...step.state.evidence.values()].slice(0, 0)) {',
      },
    ],
    budget: 100,
    scenarios: ['byzantine', 'siege', 'coup'],
  },
];
