import type { Mutation } from './mutation.ts';

const RULES = 'src/consensus/rules';

/** Mutations of what an authority votes, and of what it makes durable before. */
export const votingMutations: readonly Mutation[] = [
  {
    name: 'quorum-of-votes-less-one',
    rule: 'R4: a certificate of one vote less than a quorum',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: 'alike.length < step.context.quorum ',
        to: 'alike.length < step.context.quorum - 1 ',
      },
    ],
    budget: 20,
    scenarios: ['network'],
  },
  {
    name: 'quorum-of-certificates-less-one',
    rule: 'R4: certificates from elsewhere need one signer less',
    edits: [
      {
        file: 'src/consensus/vote.ts',
        from: 'size < electorate.quorum ',
        to: 'size < electorate.quorum - 1 ',
      },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'certificate-counts-names-twice',
    rule: 'R4: the same signer counts as often as it is named',
    edits: [
      {
        file: 'src/consensus/vote.ts',
        from: 'new Set(certificate.signers).size',
        to: 'certificate.signers.length',
      },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'vote-signature-unchecked',
    rule: 'R4: votes under somebody else’s name count',
    edits: [
      { file: `${RULES}/record.ts`, from: ' || !isVoteSigned(context, vote)) return;', to: ') return;' },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'certificate-unchecked',
    rule: 'R4: certificates are believed as they come',
    edits: [
      {
        file: `${RULES}/record.ts`,
        from: 'if (!isCertificateValid(context, certificate, isKnown)) return;',
        to: '',
      },
    ],
    budget: 200,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'two-notarise-votes',
    rule: 'R3: votes for a second proposal of the same view',
    edits: [
      {
        file: `${RULES}/notarise.ts`,
        from: ' || viewOf(step.state, view).proposal !== undefined) return;',
        to: ') return;',
      },
      {
        file: `${RULES}/notarise.ts`,
        from: 'const hasVoted = mine.notarised !== undefined ||',
        to: 'const hasVoted = mine.notarised === proposal ||',
      },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'notarise-after-nullify',
    rule: 'R5: votes for a block of a view it voted to nullify',
    edits: [
      {
        file: `${RULES}/notarise.ts`,
        from: 'mine.notarised !== undefined || mine.nullified === true;',
        to: 'mine.notarised !== undefined;',
      },
    ],
    budget: 100,
    scenarios: ['partitions', 'siege'],
  },
  {
    name: 'finalise-after-nullify',
    rule: 'R4: votes to finalise in a view it voted to nullify (F after X)',
    edits: [{ file: `${RULES}/finalise.ts`, from: 'mine.nullified === true || ', to: '' }],
    budget: 200,
    scenarios: ['siege', 'partitions'],
  },
  {
    name: 'nullify-after-finalise',
    rule: 'R5: votes to nullify a view it voted to finalise (X after F), having stayed in it',
    edits: [
      { file: `${RULES}/voting.ts`, from: ' && mine.finalised === undefined;', to: ';' },
      {
        file: `${RULES}/views.ts`,
        from: 'certifiedDigest(state, view) !== undefined)',
        to: 'view < 0)',
      },
    ],
    budget: 200,
    scenarios: ['siege', 'partitions'],
  },
  {
    name: 'leader-unchecked',
    rule: 'R3: a proposal of anybody is taken for the leader’s',
    edits: [
      {
        file: `${RULES}/notarise.ts`,
        from: 'vote.signer === leaderOf(context, view) && ',
        to: '',
      },
    ],
    budget: 200,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'skipped-views-unchecked',
    rule: 'R3: votes for a block that skips views which were not nullified',
    edits: [
      {
        file: `${RULES}/parents.ts`,
        from: 'if (viewOf(state, skipped).certificates.nullify === undefined)',
        to: 'if (viewOf(state, skipped).certificates.nullify === undefined) continue;\n    if (skipped < 0)',
      },
    ],
    budget: 200,
    scenarios: ['siege', 'byzantine'],
  },
  {
    name: 'parent-certificate-unchecked',
    rule: 'R3: votes for a block on a parent that was not notarised',
    edits: [
      {
        file: `${RULES}/parents.ts`,
        from: 'certificates.notarise?.digest !== parent)',
        to: 'certificates.notarise?.digest !== parent && place.view < 0)',
      },
    ],
    budget: 200,
    scenarios: ['siege', 'byzantine'],
  },
  {
    name: 'future-blocks-accepted',
    rule: 'R3: votes for a block whose time is far ahead',
    edits: [
      {
        file: `${RULES}/notarise.ts`,
        from: ' || header.time > Math.floor(now / 1000) + MAX_CLOCK_AHEAD_SECONDS)',
        to: ' || now < 0)',
      },
    ],
    budget: 200,
    scenarios: ['clocks', 'byzantine'],
  },
  {
    name: 'empty-blocks-accepted',
    rule: 'R3: votes for empty blocks that close nothing',
    edits: [
      {
        file: `${RULES}/notarise.ts`,
        from: 'return transactions.length > 0 || header.parent !== state.final.digest;',
        to: 'return transactions.length >= 0;',
      },
    ],
    budget: 300,
    scenarios: ['byzantine', 'siege'],
  },
  {
    name: 'no-wait-for-the-disk',
    rule: 'W: a vote leaves before it is durable',
    edits: [
      {
        file: 'src/consensus/step.ts',
        from: 'this.#release.push(statement);',
        to: "this.#release.push(statement); this.emit({ kind: 'broadcast', message: statement });",
      },
    ],
    budget: 20,
    scenarios: ['crashes'],
  },
  {
    name: 'vote-not-durable',
    rule: 'W (i): the vote itself is not written',
    edits: [{ file: `${RULES}/voting.ts`, from: "step.write({ kind: 'vote', vote });", to: '' }],
    budget: 20,
    scenarios: ['crashes'],
  },
  {
    name: 'certificates-not-durable',
    rule: 'W (ii): the certificates a vote rests on are not written',
    edits: [
      {
        file: `${RULES}/voting.ts`,
        from: 'for (const { view, kind } of grounds.certificates) saveCertificate(step, view, kind);',
        to: '',
      },
    ],
    budget: 20,
    scenarios: ['crashes'],
  },
  {
    name: 'body-not-durable',
    rule: 'W (iii): the body voted for is not written',
    edits: [
      {
        file: `${RULES}/voting.ts`,
        from: "if (grounds.block !== undefined) step.write({ kind: 'block', ...grounds.block });",
        to: '',
      },
    ],
    budget: 20,
    scenarios: ['crashes'],
  },
  {
    name: 'restart-forgets-votes',
    rule: 'R11: a restart forgets which votes were cast',
    edits: [{ file: `${RULES}/replay.ts`, from: '    rememberOwn(step, vote);\n', to: '' }],
    budget: 300,
    scenarios: ['crashes', 'siege'],
  },
  {
    name: 'votes-after-a-failed-disk',
    rule: 'W: goes on voting when its disk failed',
    edits: [
      {
        file: 'src/consensus/reducer.ts',
        from: 'return step.set({ halted: { reason: event.reason } });',
        to: 'return;',
      },
    ],
    budget: 200,
    scenarios: ['disks'],
  },
];
