import { ZERO_HASH, type Block, type Hash } from '../block.ts';
import type { OwnStatement, Write } from '../events.ts';
import { viewOf } from '../state.ts';
import type { Step } from '../step.ts';
import { ballotBytes, type Ballot, type Vote, type VoteKind } from '../vote.ts';

/** What a vote rests on: it must be durable before the vote leaves (rule W). */
export interface Grounds {
  readonly certificates: readonly { readonly view: number; readonly kind: VoteKind }[];
  readonly block?: { readonly block: Block; readonly digest: Hash };
}

/** A vote of this authority's own: decided now, durable with its grounds, and only then sent. */
export function castVote(
  step: Step,
  choice: { kind: VoteKind; view: number; digest: Hash },
  grounds: Grounds,
  statement: (vote: Vote) => OwnStatement = (vote) => ({ kind: 'vote', vote }),
): void {
  const { context } = step;
  const { me } = context;
  const key = me === undefined ? undefined : context.voteKeys[me];
  if (me === undefined || key === undefined) return;
  const ballot: Ballot = { ...choice, epoch: context.epoch };
  const signature = context.signVote(key, ballotBytes(context.chain, ballot));
  const vote: Vote = { ...ballot, signer: me, signature };
  rememberOwn(step, ballot);
  for (const { view, kind } of grounds.certificates) saveCertificate(step, view, kind);
  if (grounds.block !== undefined) step.write({ kind: 'block', ...grounds.block });
  step.write({ kind: 'vote', vote });
  step.release(statement(vote));
}

/** Notes an own decision. It is never unset: this is what keeps an authority from voting twice. */
export function rememberOwn(step: Step, { kind, view, digest }: Ballot): void {
  const { mine } = viewOf(step.state, view);
  const decided =
    kind === 'notarise'
      ? { notarised: digest }
      : kind === 'finalise'
        ? { finalised: digest }
        : { nullified: true as const };
  step.setView(view, { mine: { ...mine, ...decided } });
}

/** Whether this authority knows of having voted so. */
export function isOwn(step: Step, { kind, view, digest }: Ballot): boolean {
  const { mine } = viewOf(step.state, view);
  if (kind === 'nullify') return mine.nullified === true;
  return (kind === 'notarise' ? mine.notarised : mine.finalised) === digest;
}

/** Whether this authority votes at all now: it is in the set of the epoch, and nothing keeps it from voting. */
export function mayVote({ context, state }: Step): boolean {
  return context.me !== undefined && state.halted === undefined;
}

/** Whether this authority may still vote to nullify `view`: never after it voted to finalise, never twice. */
export function mayNullify(step: Step, view: number): boolean {
  const { mine } = viewOf(step.state, view);
  return mayVote(step) && mine.nullified === undefined && mine.finalised === undefined;
}

/** Rule R5: votes that this view shall have no block. */
export function castNullify(step: Step, view: number): void {
  if (!mayNullify(step, view)) return;
  castVote(step, { kind: 'nullify', view, digest: ZERO_HASH }, { certificates: entryGrounds(step, view) });
}

/** The certificate of the view before, by which `view` was entered. */
function entryGrounds(step: Step, view: number): Grounds['certificates'] {
  const { certificates } = viewOf(step.state, view - 1);
  return (['nullify', 'notarise'] as const)
    .filter((kind) => certificates[kind] !== undefined)
    .map((kind) => ({ view: view - 1, kind }));
}

/** Hands a certificate to the database, once. */
function saveCertificate(step: Step, view: number, kind: VoteKind): void {
  const { certificates, saved } = viewOf(step.state, view);
  const certificate = certificates[kind];
  if (certificate === undefined || saved[kind] === true) return;
  const write: Write = { kind: 'certificate', certificate };
  step.write(write);
  step.setView(view, { saved: { ...saved, [kind]: true } });
}
