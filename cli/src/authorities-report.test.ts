import { expect, it } from 'vitest';
import { unwrap } from '@assay/core/errors/result.ts';
import { readStatusReport } from '@assay/core/authorities/report.ts';
import { TestLog } from '@assay/core/node/test-log.fixture.ts';
import { authorityData, authorityLines, type AuthorityFacts, type LogFacts } from './authorities-report.ts';

const NOW = 1_790_000_000;
const log: LogFacts = {
  size: 40,
  changes: [
    {
      index: 17,
      record: {
        kind: 'equivocation',
        v: 1,
        epoch: 1,
        name: 'delft',
        offence: 'two-finalise',
        evidence: new Uint8Array(32),
      },
    },
  ],
  suspended: ['delft'],
  disagreements: {
    found: [
      {
        index: 21,
        purl: 'pkg:npm/clsx@2.1.1',
        outcomes: [
          { name: 'ayla', outcome: 'agreed' },
          { name: 'delft', outcome: 'dissented', detail: 'clsx-2.1.1.tgz with SHA-256 00' },
        ],
      },
    ],
    considered: 20,
    checked: 3,
    unread: 0,
    left: 0,
  },
};

async function factsOf(change: Partial<AuthorityFacts> = {}): Promise<AuthorityFacts> {
  const { trust } = await TestLog.create();
  const [silent, ...others] = trust.current.authorities.map(({ name }) => name);
  const counts = { epoch: 1, view: 3, height: 2, size: 6, finalized: 6, leader: 1, pending: 0, busy: false };
  const authorities = [
    { name: silent ?? '', reachable: false, lastSeen: NOW - 20 },
    ...others.map((name) => ({ name, reachable: true, lastSeen: NOW, ...counts, peers: [] })),
  ];
  const report = unwrap(readStatusReport({ authorities }));
  return { trust, checkpoint: undefined, log, report, now: NOW, ...change };
}

it('keeps apart what was checked and what is reported', async () => {
  const facts = await factsOf();
  const [silent] = facts.trust.current.authorities.map(({ name }) => name);
  expect(authorityData(facts)).toMatchObject({
    checked: {
      epoch: 1,
      quorum: 3,
      equivocations: [{ index: 17, name: 'delft', offence: 'two-finalise', epoch: 1 }],
      suspended: ['delft'],
      disagreements: { found: [{ purl: 'pkg:npm/clsx@2.1.1' }] },
      history: [{ epoch: 1, since: 0 }],
    },
    reported: { state: 'idle', reachable: 3, members: [{ name: silent, state: 'silent' }, {}, {}, {}] },
  });
});

it('tells people the same in lines', async () => {
  const text = authorityLines(await factsOf()).join('\n');
  expect(text).toContain('reported by the relay: idle; 3 of 4 reachable');
  expect(text).toMatch(/ayla +not heard since 2026-09-21 \d\d:\d\d UTC/);
  expect(text).toContain(
    'equivocation  delft voted to finalise two blocks in one view, in epoch 1 (entry 17)',
  );
  expect(text).toContain('delft saw other bytes (clsx-2.1.1.tgz with SHA-256 00)');
  expect(text).toMatch(/epoch 1 +since entry 0 of [-\d]+; 4 authorities, 3 must agree; founded/);
});

it('claims nothing that it does not know: no report, no replayed log', async () => {
  const facts = await factsOf({ log: undefined, report: undefined });
  const text = authorityLines(facts).join('\n');
  expect(text).toContain('reported by the relay: it does not answer');
  expect(text).toContain('(the log is not replayed by a light client)');
  expect(text).not.toContain('no equivocation');
  expect(authorityData(facts)).not.toHaveProperty('reported');
  expect(authorityData(facts)).not.toHaveProperty('checked.equivocations');
});
