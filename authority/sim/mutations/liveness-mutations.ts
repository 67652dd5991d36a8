import type { Mutation } from './mutation.ts';

const RULES = 'src/consensus/rules';

/** Mutations that keep transactions from becoming final, or the network from coming to rest. */
export const livenessMutations: readonly Mutation[] = [
  {
    name: 'one-vote-makes-busy',
    rule: 'R0: a single authority’s votes keep all others busy',
    edits: [{ file: `${RULES}/views.ts`, from: 'voters.size > faults;', to: 'voters.size > 0;' }],
    budget: 300,
    scenarios: ['spam'],
  },
  {
    name: 'empty-proposals-make-busy',
    rule: 'R0: empty blocks of one leader keep all others busy',
    edits: [
      {
        file: `${RULES}/views.ts`,
        from: 'return known.block.transactions.length > 0 && ',
        to: 'return known.block.transactions.length >= 0 && ',
      },
    ],
    budget: 600,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'patience-does-not-grow',
    rule: 'R1: views last equally long however often they fail',
    edits: [{ file: `${RULES}/views.ts`, from: '2 ** Math.min(entered, MAX_DOUBLINGS)', to: '1' }],
    budget: 60,
    scenarios: ['slow'],
  },
  {
    name: 'no-view-timer',
    rule: 'R5: views are never given up',
    edits: [
      { file: `${RULES}/timers.ts`, from: 'busy && !isOver ? state.view : undefined', to: 'undefined' },
    ],
    budget: 100,
    scenarios: ['silent', 'crashes'],
  },
  {
    name: 'builds-on-final-blocks-only',
    rule: 'R2: never builds on a notarised block',
    edits: [{ file: `${RULES}/parents.ts`, from: 'if (digest !== undefined) return digest;', to: '' }],
    budget: 300,
    scenarios: ['siege', 'crashes', 'partitions'],
  },
  {
    name: 'fetches-once',
    rule: 'R9: what was asked for and did not come is not asked for again',
    edits: [{ file: `${RULES}/tick.ts`, from: ', asked: new Set() }', to: ' }' }],
    budget: 300,
    scenarios: ['network', 'partitions', 'siege'],
  },
  {
    name: 'pending-not-gossiped',
    rule: 'R9: waiting transactions are not passed on again',
    edits: [
      {
        file: `${RULES}/tick.ts`,
        from: "for (const bytes of firstPending(step.state)) step.broadcast({ kind: 'transaction', bytes });",
        to: 'firstPending(step.state);',
      },
    ],
    budget: 300,
    scenarios: ['network', 'partitions', 'siege'],
  },
  {
    name: 'own-votes-said-once',
    rule: 'R9: own votes are not said again',
    edits: [
      {
        file: `${RULES}/tick.ts`,
        from: 'for (const message of ownStatements(step)) step.broadcast(message);',
        to: 'ownStatements(step);',
      },
    ],
    budget: 300,
    scenarios: ['network', 'partitions', 'siege', 'crashes'],
  },
  {
    name: 'idle-do-not-answer',
    rule: 'R10: idle authorities do not answer laggards',
    edits: [
      {
        file: `${RULES}/catch-up.ts`,
        from: 'if (epoch > context.epoch || (!isPast && view >= state.view)) return;',
        to: 'if (epoch > context.epoch || (!isPast && view >= state.view) || !state.isBusy) return;',
      },
      {
        file: `${RULES}/catch-up.ts`,
        from: '  const isBehind =\n',
        to: '  if (!state.isBusy) return;\n  const isBehind =\n',
      },
    ],
    budget: 600,
    scenarios: ['siege', 'partitions', 'twins', 'crashes'],
  },
  {
    name: 'final-blocks-not-served',
    rule: 'R10: nobody helps those behind with final blocks',
    edits: [
      {
        file: `${RULES}/catch-up.ts`,
        from: "step.emit({ kind: 'serve-final', to: peer, from });",
        to: 'return;',
      },
    ],
    budget: 100,
    scenarios: ['crashes', 'partitions'],
  },
  {
    name: 'restart-forgets-certificates',
    rule: 'R11: a restart forgets certificates it had noted',
    edits: [{ file: `${RULES}/replay.ts`, from: '    keepCertificate(step, certificate);\n', to: '' }],
    budget: 100,
    scenarios: ['crashes', 'siege'],
  },
  {
    name: 'restart-says-nothing',
    rule: 'R11: a restart neither repeats what it said nor looks at its rules again',
    edits: [
      {
        file: 'src/consensus/reducer.ts',
        from: '  takeIn(step, event);\n',
        to: "  if (event.kind === 'start' || (event.kind === 'tick' && state.ticks === 0)) return step.finish();\n  takeIn(step, event);\n",
      },
    ],
    budget: 600,
    scenarios: ['crashes', 'siege', 'disks'],
  },
  {
    name: 'clients-ask-once',
    rule: 'R13: a client does not submit again what only a crashed authority had',
    edits: [
      {
        file: 'sim/run.ts',
        from: "else process.happen({ kind: 'transaction', bytes: surroundings.transaction(purl, 0) });",
        to: 'else continue;',
      },
    ],
    budget: 60,
    scenarios: ['crashes', 'siege'],
  },
];
