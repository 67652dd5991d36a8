import type { Mutation } from './mutation.ts';

const RULES = 'src/consensus/rules';

/** Mutations of what gets into the log, is cosigned, and is held against others. */
export const logMutations: readonly Mutation[] = [
  {
    name: 'first-write-does-not-win',
    rule: 'D6: a package version may be logged twice',
    edits: [
      {
        file: 'src/consensus/execute.ts',
        from: 'return this.#added.get(purl) ?? findPackage(this.#parent, purl);',
        to: 'return purl.length < 0 ? 0 : undefined;',
      },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'post-state-unchecked',
    rule: 'R3: blocks may promise another log than they give',
    edits: [
      {
        file: 'src/consensus/execute.ts',
        from: 'if (!isSame) return refused',
        to: 'if (!isSame && block === undefined) return refused',
      },
    ],
    budget: 200,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'final-run-unchecked',
    rule: 'R10: final blocks of a peer are believed without their certificate',
    edits: [
      {
        file: `${RULES}/catch-up.ts`,
        from: 'if (!isProven || !isCertificateValid(context, proof)) return;',
        to: 'if (!isProven) return;',
      },
    ],
    budget: 400,
    scenarios: ['siege', 'byzantine'],
  },
  {
    name: 'cosigned-before-the-log-is-durable',
    rule: 'R8: cosigns before its log files are on disk',
    edits: [
      {
        file: `${RULES}/finalise.ts`,
        from: "import { castVote, mayVote } from './voting.ts';",
        to: "import { castVote, mayVote } from './voting.ts';\nimport { logDurable } from './cosign.ts';",
      },
      {
        file: `${RULES}/finalise.ts`,
        from: '  forgetOld(step);\n',
        to: '  forgetOld(step);\n  logDurable(step, step.state.final.ledger);\n',
      },
    ],
    budget: 20,
    scenarios: ['network'],
  },
  {
    name: 'cosigned-head-not-durable',
    rule: 'R8: cosigns without noting so first',
    edits: [{ file: `${RULES}/cosign.ts`, from: "step.write({ kind: 'cosigned', head });", to: '' }],
    budget: 20,
    scenarios: ['network'],
  },
  {
    name: 'cosigns-smaller-sizes',
    rule: 'R8: cosigns a size again after a larger one, or with another root',
    edits: [
      {
        file: `${RULES}/cosign.ts`,
        from: 'if (last !== undefined && head.size <= last.size) {',
        to: 'if (last !== undefined && head.size < 0) {',
      },
    ],
    budget: 100,
    scenarios: ['crashes', 'disks'],
  },
  {
    name: 'checkpoint-without-quorum',
    rule: 'D4: publishes a checkpoint with one cosignature less than a quorum',
    edits: [
      {
        file: `${RULES}/cosign.ts`,
        from: 'cosignatures.length < need ',
        to: 'cosignatures.length < need - 1 ',
      },
    ],
    budget: 20,
    scenarios: ['network'],
  },
  {
    name: 'evidence-ignored',
    rule: 'R14: keeps no evidence of contradictions',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: "if (contrary !== undefined) keepEvidence(step, { kind: 'votes', first: contrary, second: vote });",
        to: '',
      },
    ],
    budget: 100,
    scenarios: ['byzantine', 'siege', 'twins'],
  },
  {
    name: 'evidence-without-end',
    rule: 'I19: keeps as much evidence as anybody makes',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: ' || ofSigner >= MAX_EVIDENCE_PER_SIGNER) return;',
        to: ' || ofSigner < 0) return;',
      },
    ],
    budget: 200,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'votes-of-all-views-kept',
    rule: 'I19: keeps votes for views however far ahead',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: ' || vote.view > state.view + VIEW_WINDOW)',
        to: ' || vote.view < 0)',
      },
    ],
    budget: 200,
    scenarios: ['spam'],
  },
  {
    name: 'cosignatures-without-end',
    rule: 'I19: keeps cosignatures of as many sizes as anybody signs',
    edits: [
      {
        file: `${RULES}/cosign.ts`,
        from: 'new Map(sizes.slice(-MAX_COSIGNED_SIZES)),',
        to: 'new Map(sizes),',
      },
    ],
    budget: 200,
    scenarios: ['spam'],
  },
];
