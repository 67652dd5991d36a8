import { beforeEach, expect, it } from 'vitest';
import { verifyEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { epochContext } from '@assay/core/records/epoch-context.ts';
import { makeBallot, makeCandidate } from '@assay/core/records/epochs.fixture.ts';
import type { MembershipBallot } from '@assay/core/records/membership.ts';
import { makeNetwork } from '@assay/core/records/network.fixture.ts';
import { MembershipBook } from './book.ts';
import { planDigest, type Plan } from './plan.ts';

const network = makeNetwork();
const context = unwrap(epochContext(network.trust));
const { set } = context;
const [BORNEO, DELFT] = [1, 3];

let book: MembershipBook;
beforeEach(() => {
  book = new MembershipBook(context, verifyEd25519Node);
});

const adding = (name: string): Plan => [{ kind: 'add', candidate: makeCandidate(network, name) }];
const removing = (name: string): Plan => [{ kind: 'remove', name }];

function ballotOf(authority: number, plan: Plan, approve = true): MembershipBallot {
  const subject = { networkId: network.trust.networkId, epoch: 1, digest: planDigest(plan) };
  return makeBallot(network, set, subject, { authority, approve });
}

/** How many changes of its own making a member gets in. */
function flood(authority: number, count: number): number {
  return Array.from({ length: count }, (_, index) => adding(`junk-${index}`)).filter(
    (plan) => book.addProposal(plan, [ballotOf(authority, plan)]).ok,
  ).length;
}

it('has room for the changes of every member and of the own operator, whatever one member brings', () => {
  expect(flood(DELFT, 20)).toBe(4);
  expect(book.candidates).toHaveLength(4);
  const without = removing('delft');
  expect(book.addProposal(without, [ballotOf(BORNEO, without)]).ok).toBe(true);
  const etna = adding('etna');
  expect(book.addProposal(etna, [ballotOf(DELFT, etna), ballotOf(BORNEO, etna)]).ok).toBe(true);
  expect(book.candidates.at(-1)).toMatchObject({ by: 'borneo', candidate: { authority: { name: 'etna' } } });
  expect(book.addPlan(adding('fuji'))).toMatchObject({ ok: true, value: { by: undefined } });
});

it('takes up no change before somebody who approves it is known to', () => {
  const plan = adding('etna');
  const ballot = ballotOf(BORNEO, plan);
  const approvalsOfNobody = [
    [],
    [ballotOf(BORNEO, plan, false)],
    [{ ...ballot, signature: ballot.proofs.vote }],
    [{ ...ballot, authority: DELFT }],
    [ballotOf(BORNEO, adding('fuji'))],
  ];
  for (const ballots of approvalsOfNobody) expect(book.addProposal(plan, ballots).ok).toBe(false);
  expect([book.pending, book.candidates]).toEqual([[], []]);
  expect(book.addProposal(plan, [{ ...ballot, signature: ballot.proofs.vote }, ballot]).ok).toBe(true);
  expect(book.pending).toMatchObject([{ by: 'borneo' }]);
});

it('has room for the candidates of every member, whatever one member brings', () => {
  const brought = Array.from({ length: 40 }, (_, index) =>
    book.addCandidate(makeCandidate(network, `junk-${index}`), 'delft'),
  );
  expect(brought.filter(({ ok }) => ok)).toHaveLength(8);
  const etna = makeCandidate(network, 'etna');
  expect(book.addCandidate(etna, 'borneo')).toMatchObject({ ok: true, value: { by: 'borneo' } });
  const fuji = makeCandidate(network, 'fuji');
  expect(book.addCandidate(fuji).ok).toBe(true);
});

it('counts a candidate as the own operator’s once that introduces it, whoever brought it before and after', () => {
  const etna = makeCandidate(network, 'etna');
  for (const by of ['delft', undefined, 'borneo']) book.addCandidate(etna, by);
  expect(book.candidates).toMatchObject([{ by: undefined, candidate: etna }]);
});
