import type { Happening } from '../../src/consensus/events.ts';
import type { Message } from '../../src/consensus/messages.ts';
import type { State } from '../../src/consensus/state.ts';
import type { Coverage } from '../coverage.ts';
import type { Process } from '../process.ts';

/** Notes what a step of a process shows to have happened. */
export function noteCoverage(
  coverage: Coverage,
  { state, isHonest }: Process,
  happening: Happening,
  before: State,
): void {
  if (state === before) return;
  if (state.halted !== before.halted && state.halted?.reason.includes('remember') === true)
    coverage.note('forgotten vote noticed');
  if (!isHonest) return;
  if (state.era !== before.era) {
    coverage.note('epoch began');
    if (state.era.me !== undefined && before.era.me === undefined) coverage.note('authority joined');
    if (state.era.me === undefined && before.era.me !== undefined) coverage.note('authority left');
    if (
      state.era.epoch > before.era.epoch + 1 ||
      (happening.kind === 'message' && happening.message.kind === 'final')
    )
      coverage.note('epoch skipped by a laggard');
  }
  if (state.final !== before.final) {
    if (happening.kind === 'message' && happening.message.kind === 'final')
      coverage.note('caught up by final blocks');
    if (state.final.ledger.size === before.final.ledger.size) coverage.note('empty block final');
  }
  if (state.views === before.views || state.view === before.view) return;
  const left = state.views.get(before.view)?.certificates;
  if (left?.nullify !== undefined) {
    coverage.note('view nullified');
    if (left.notarise !== undefined) coverage.note('view both notarised and nullified');
  }
}

/** Notes what an honest process's message shows to have happened. */
export function noteMessage(coverage: Coverage, { state }: Process, message: Message): void {
  if (message.kind === 'block') coverage.note('body fetched');
  else if (message.kind === 'fetch-certificates') coverage.note('certificates fetched');
  else if (message.kind === 'vote' && message.vote.kind === 'nullify') {
    const proposal = state.views.get(message.vote.view)?.proposal;
    const outcome = proposal === undefined ? undefined : state.blocks.get(proposal)?.outcome.kind;
    if (outcome === 'invalid') coverage.note('invalid proposal refused');
  } else if (message.kind === 'proposal') {
    const { parent, view } = message.block.header;
    const parentView = state.blocks.get(parent)?.block.header.view;
    if (parentView !== undefined && parentView < view - 1) coverage.note('proposal on an older parent');
  }
}
